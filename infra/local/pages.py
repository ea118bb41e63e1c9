"""What a person can look at on the local AWS: the mailbox with all sent mail."""

import html
import importlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "pages"
HTML = "text/html; charset=utf-8"
JSON = "application/json"
STATIC = {"/mailbox": "mailbox.html"}
PRODUCT_PAGES = "/p/"
"""Where the demo shop shows one product, by its id or a SKU of it."""
LISTED = 200
MAILS_FROM = re.compile(r"/mailbox/from/(?P<number>\d+)\.json")
MAIL = re.compile(r"/mailbox/(?P<number>\d+)(?P<part>\.html|\.json)")


@dataclass(frozen=True)
class Answer:
    """An HTTP answer."""

    status: int
    content_type: str
    body: bytes


def answer(path: str) -> Answer | None:
    """Answer a request for one of our pages; ``None`` leaves it to the emulator."""
    if name := STATIC.get(path.rstrip("/")):
        return Answer(200, HTML, (FOLDER / name).read_bytes())
    if path == "/mailbox/mails.json":
        return _json(listing())
    if found := MAILS_FROM.fullmatch(path):
        since = int(found["number"])
        return _json({"items": [_head(number, mail) for number, mail in enumerate(_sent()[since:], since)]})
    if found := MAIL.fullmatch(path):
        return _mail(int(found["number"]), found["part"])
    return None


def listing() -> dict[str, Any]:
    """Return the newest mails, newest first, without their bodies, and how many there are."""
    sent = _sent()
    newest = range(len(sent) - 1, max(-1, len(sent) - 1 - LISTED), -1)
    return {"total": len(sent), "items": [_head(number, sent[number]) for number in newest]}


def _mail(number: int, part: str) -> Answer:
    sent = _sent()
    if number >= len(sent):
        return _json({"title": "there is no such mail"}, status=404)
    mail = sent[number]
    if part == ".json":
        return _json({**_head(number, mail), "text": mail.get("BodyText") or "", "html": mail.get("BodyHtml") or ""})
    shown = mail.get("BodyHtml") or f"<pre>{html.escape(mail.get('BodyText') or '')}</pre>"
    # The frame is sandboxed: links open in a tab of their own, nothing in a mail runs.
    return Answer(200, HTML, f'<base target="_blank">{shown}'.encode())


def _head(number: int, mail: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": number,
        "to": ", ".join(mail.get("To", ())),
        "from": mail.get("Source", ""),
        "subject": mail.get("RenderedSubject") or mail.get("Subject", ""),
        "at": mail.get("Timestamp", 0),
    }


def _sent() -> list[dict[str, Any]]:
    """Return the mails that the emulator keeps, oldest first (one account in one region: one list)."""
    kept = importlib.import_module("ministack.services.ses")._sent_emails.to_dict()  # noqa: SLF001
    return [mail for key, mails in kept.items() if key[-1] == "entries" for mail in mails]


def _json(content: object, status: int = 200) -> Answer:
    return Answer(status, JSON, json.dumps(content, ensure_ascii=False).encode())
