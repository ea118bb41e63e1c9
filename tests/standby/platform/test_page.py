"""HTML pages: one layout, texts by locale, escaped."""

import json
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from standby.platform.page import Pages

TEMPLATE = """{% extends "layout.html" %}
{% block title %}{{ text.hello }}{% endblock %}
{% block content %}<h1>{{ text.hello }} {{ name }}</h1>{% endblock %}
"""


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    (tmp_path / "hello.html").write_text(TEMPLATE, "utf-8")
    for locale, direction, hello in (("en", "ltr", "Hello"), ("he", "rtl", "שלום"), ("pt-BR", "ltr", "Oi")):
        text = json.dumps({"lang": locale, "dir": direction, "hello": hello})
        (tmp_path / f"{locale}.json").write_text(text, "utf-8")
    return Pages.of(tmp_path)


def test_a_page_is_the_layout_with_the_template_s_content(pages: Pages) -> None:
    html = pages.write("hello", "en", name="Ana")
    assert html.startswith('<!doctype html>\n<html lang="en" dir="ltr">')
    assert "<title>Hello</title>" in html
    assert "<h1>Hello Ana</h1>" in html


def test_what_is_filled_in_is_escaped(pages: Pages) -> None:
    assert "<h1>Hello &lt;b&gt;&#34;Ana&#34;</h1>" in pages.write("hello", "en", name='<b>"Ana"')


def test_a_value_that_is_missing_is_an_error_and_no_gap(pages: Pages) -> None:
    with pytest.raises(UndefinedError, match="'name' is undefined"):
        pages.write("hello", "en")


@pytest.mark.parametrize(
    ("locale", "lang"),
    [
        *[
            ("he-IL", "he"),
            ("pt-br", "pt-BR"),
            ("PT_BR", "pt-BR"),
            ("pt", "en"),
            ("pt-PT", "en"),
            ("", "en"),
            ("-", "en"),
        ],
        *[("iw", "he"), ("iw-IL", "he"), ("iw_IL", "he")],
    ],
)
def test_the_closest_locale_is_found(pages: Pages, locale: str, lang: str) -> None:
    assert pages.text(locale)["lang"] == lang
