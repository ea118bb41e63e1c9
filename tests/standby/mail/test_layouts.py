"""The compiled templates are what the layouts say."""

from pathlib import Path

import pytest

from infra.operations import mail_layouts


@pytest.mark.parametrize(
    ("source", "template", "direction"),
    [pytest.param(*layout, id="/".join(layout[1].parts[-2:])) for layout in mail_layouts.layouts()],
)
def test_a_committed_template_is_what_its_layout_compiles_to(source: Path, template: Path, direction: str) -> None:
    assert mail_layouts.template(source, direction) == template.read_text("utf-8")


def test_every_committed_html_template_has_a_layout() -> None:
    committed = set(mail_layouts.MAIL.rglob("*.html"))
    assert committed == {template for _source, template, _direction in mail_layouts.layouts()}


@pytest.mark.parametrize(
    ("layout", "problem"),
    [
        ("<mjml><mj-body><mj-sectoin/></mj-body></mjml>", "unknown tag mj-sectoin"),
        ("<mjml><mj-body><mj-section colour='red'/></mj-body></mjml>", "unknown attribute colour of mj-section"),
        ("<mjml><mj-body><mj-text href='x'/></mj-body></mjml>", "unknown attribute href of mj-text"),
    ],
)
def test_what_the_compiler_would_swallow_is_refused(layout: str, problem: str) -> None:
    assert mail_layouts.problems(layout) == [problem]
    with pytest.raises(ValueError, match=problem):
        mail_layouts.compiled(layout, "ltr")


def test_braces_of_styles_never_stand_together() -> None:
    for _source, template, _direction in mail_layouts.layouts():
        text = template.read_text("utf-8")
        for style in text.split("<style")[1:]:
            rules = style.partition("</style>")[0]
            assert "}}" not in rules
            assert "{{" not in rules
