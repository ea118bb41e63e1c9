"""Absences over HTTP: what a complete file of a feed does not name, and the decision that the brake asks for."""

import re
from typing import TYPE_CHECKING

from standby.catalog.absences.service import Approvals, UndecidableError
from standby.platform.http import Problem, Resolver, key_holder

if TYPE_CHECKING:
    from standby.catalog.absences.answers import AbsenceList, AbsenceShown

ID = re.compile(r"[0-9a-f]{24}-[0-9]{1,20}-[0-9]{1,10}")
BY_ID = {"absence_id": "the id that the file's report names"}
UNKNOWN = "there is no such absence"


def add_absence_routes(app: Resolver, approvals: Approvals) -> None:
    """Add the routes below ``/v1/catalog/absences``."""

    @app.operation(
        "GET /v1/catalog/absences",
        "List what complete files of product feeds do not name, newest first",
        {200: "at most 50"},
        scope="ops",
    )
    def list_absences() -> "AbsenceList":
        return {"items": approvals.latest(), "next": None}

    @app.operation(
        "GET /v1/catalog/absences/<absence_id>",
        "Show how many products a complete file does not name, and what became of them",
        {200: "the absence", 404: UNKNOWN},
        scope="ops",
        parameters=BY_ID,
    )
    def show_absence(absence_id: str) -> "AbsenceShown":
        return _known(approvals.view(_id(absence_id)))

    @app.operation(
        "POST /v1/catalog/absences/<absence_id>/approve",
        "Approve an absence that waits, so that its products lose their SKUs; repeating is harmless",
        {200: "it is being applied", 404: UNKNOWN, 409: "it does not wait"},
        scope="ops",
        parameters=BY_ID,
    )
    def approve_absence(absence_id: str) -> "AbsenceShown":
        try:
            return _known(approvals.approve(_id(absence_id), by=key_holder(app)))
        except UndecidableError as error:
            raise _decided(error) from error

    @app.operation(
        "POST /v1/catalog/absences/<absence_id>/reject",
        "Reject an absence that is not applied yet, so that all products stay",
        {200: "it is rejected", 404: UNKNOWN, 409: "it is decided"},
        scope="ops",
        parameters=BY_ID,
    )
    def reject_absence(absence_id: str) -> "AbsenceShown":
        try:
            return _known(approvals.reject(_id(absence_id), by=key_holder(app)))
        except UndecidableError as error:
            raise _decided(error) from error


def _known(found: "AbsenceShown | None") -> "AbsenceShown":
    if found is None:
        raise Problem(404, "unknown-absence", UNKNOWN)
    return found


def _decided(error: UndecidableError) -> Problem:
    return Problem(409, "absence-decided", f"the absence is {error}")


def _id(absence_id: str) -> str:
    """Return an absence's id. Raises `Problem` 404 for a text that is none: DynamoDB refuses long keys."""
    if not ID.fullmatch(absence_id):
        raise Problem(404, "unknown-absence", UNKNOWN)
    return absence_id
