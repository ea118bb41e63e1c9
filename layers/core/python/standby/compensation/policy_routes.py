"""The policy over HTTP (design §5.2): set, shown with who changed what, and rehearsed before it costs anything."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from standby.compensation.policy_model import named
from standby.compensation.reading import UnsoundError, policy_of, sound
from standby.platform.clock import Clock, to_text
from standby.platform.http import (
    Page,
    Problem,
    Resolver,
    answer,
    checked_body,
    key_holder,
    malformed,
    page,
    prefers_html,
)

if TYPE_CHECKING:
    from standby.compensation.answers import PolicyShown, PolicyVersionShown, RehearsalShown
    from standby.compensation.rehearsals import Beginning, NotBegunError

FEATURE, OPS = "standby.compensation", "ops"
RETRY_SECONDS = 60


class Book(Protocol):
    """Where the policy is kept. Every method raises `BusyError`."""

    def set_policy(
        self, document: Mapping[str, Any], *, by: str, at: str, rehearsal: Mapping[str, Any] | None = None
    ) -> int:
        """Keep a policy and return its version. Raises `UnsoundError`."""
        ...

    def policy_said(self) -> Mapping[str, Any] | None:
        """Return the policy that holds as it was set: ``version``, ``document``, ``set_by``, ``set_at``."""
        ...

    def policy_versions(self) -> Sequence[Mapping[str, Any]]:
        """Return the newest versions as they were set, the newest first."""
        ...


class Desk(Protocol):
    """The use cases behind the routes."""

    @property
    def book(self) -> Book:
        """Return where the policy is kept."""
        ...

    @property
    def rehearsals(self) -> "Callable[[], Beginning]":
        """Load what begins rehearsals."""
        ...

    @property
    def make_id(self) -> Callable[[], str]:
        """Return what makes an id that nobody guesses."""
        ...

    @property
    def clock(self) -> Clock:
        """Return the clock."""
        ...


def add_policy_routes(app: Resolver, desk: Callable[[], Desk]) -> None:
    """Add the routes."""

    @app.operation(
        "PUT /v1/policy",
        "Set what delays are worth from now on; this replaces the whole policy",
        {200: "the policy that holds; the same again is the same version", 400: "malformed, or it contradicts itself"},
        body="policy",
        scope=OPS,
    )
    def set_policy() -> "PolicyShown":
        body = checked_body(app, FEATURE, "policy")
        try:
            rehearsal = desk().rehearsals().book.rehearsed(named(sound(body)))
            at = to_text(desk().clock.now())
            desk().book.set_policy(body, by=key_holder(app), at=at, rehearsal=rehearsal)
        except UnsoundError as error:
            raise malformed(*error.wrong) from error
        return _policy(desk())

    @app.operation(
        "GET /v1/policy",
        "Show the policy that holds, and who changed it before",
        {200: "the policy", 404: "the shop has set none, so nothing is granted"},
        scope=OPS,
    )
    def show_policy() -> "PolicyShown":
        return _policy(desk())

    @app.operation(
        "POST /v1/policy/rehearse",
        "Begin a rehearsal: what a policy would have cost for late orders of the past; nothing is granted",
        {
            202: "it runs; ask for it by its id until it is finished",
            400: "malformed, the policy contradicts itself, or no such day can be looked at",
            409: "rehearsal-running: another one runs; its id stands in `rehearsal`",
            429: "too-many-rehearsals: as many as may began today",
        },
        body="policy.rehearse",
        scope=OPS,
    )
    def rehearse_policy() -> "RehearsalShown | Page":
        from standby.compensation.rehearsal_showing import rehearsal_shown  # noqa: PLC0415 - people seldom rehearse
        from standby.compensation.rehearsals import NotBegunError  # noqa: PLC0415 - as above

        body = checked_body(app, FEATURE, "policy.rehearse")
        first, last = _days(body)
        try:
            sound(body["policy"])
            begun = (
                desk()
                .rehearsals()
                .begin(
                    body["policy"],
                    desk().book.policy_said(),
                    by=key_holder(app),
                    made=desk().make_id,
                    first=first,
                    last=last,
                )
            )
        except UnsoundError as error:
            raise malformed(*(f"policy.{wrong}" for wrong in error.wrong)) from error
        except NotBegunError as error:
            raise _not_begun(error) from error
        return answer(rehearsal_shown(begun, desk().clock.now()), 202)

    @app.operation(
        "GET /v1/policy/rehearsals/<rehearsal_id>",
        "Show what a rehearsal came to, or as far as it came: figures, or a page with a chart",
        {200: "the rehearsal", 404: "there is no such rehearsal, or it is kept no more"},
        parameters={"rehearsal_id": "as it was answered when it began"},
        pages=True,
        scope=OPS,
    )
    def show_rehearsal(rehearsal_id: str) -> "RehearsalShown | Page":
        from standby.compensation.rehearsal_showing import rehearsal_page, rehearsal_shown  # noqa: PLC0415 - as above

        found = desk().rehearsals().book.rehearsal(rehearsal_id)
        if found is None:
            raise Problem(404, "unknown-rehearsal", "there is no such rehearsal")
        now = desk().clock.now()
        zone = desk().rehearsals().zone
        return page(rehearsal_page(found, now, zone)) if prefers_html(app) else rehearsal_shown(found, now)


def _not_begun(error: "NotBegunError") -> Problem:
    """Return the problem of a rehearsal that did not begin."""
    from standby.compensation.rehearsals import BusyRehearsalError, NoDaysError  # noqa: PLC0415 - people seldom rehearse

    if isinstance(error, NoDaysError):
        return malformed(str(error))
    if isinstance(error, BusyRehearsalError):
        about, wait = {"rehearsal": str(error)}, {"Retry-After": str(RETRY_SECONDS)}
        return Problem(409, "rehearsal-running", "another rehearsal runs", headers=wait, more=about)
    return Problem(429, "too-many-rehearsals", "as many rehearsals as may began today")


def _days(body: Mapping[str, Any]) -> tuple[date | None, date | None]:
    """Return the days from and until which orders are rehearsed. Raises `Problem` 400."""
    try:
        first, last = (
            None if body.get(name) is None else date.fromisoformat(body[name]) for name in ("since", "until")
        )
    except ValueError as error:
        raise malformed(f"since, until: {error}") from error
    if first is not None and last is not None and last < first:
        raise malformed("until: is before since")
    return first, last


def _policy(at: Desk) -> "PolicyShown":
    said = at.book.policy_said()
    if said is None:
        raise Problem(404, "no-policy", "the shop has set no policy, so nothing is granted")
    document = said["document"]
    # It may have been rehearsed only after it was set.
    rehearsal: Any = said.get("rehearsal") or at.rehearsals().book.rehearsed(named(policy_of(document, version=0)))
    return {
        "version": said["version"],
        "set_by": said["set_by"],
        "set_at": said["set_at"],
        "policy": document,
        "rehearsal": rehearsal,
        "versions": _versions(at.book.policy_versions()),
    }


def _versions(said: Sequence[Mapping[str, Any]]) -> "list[PolicyVersionShown]":
    """Show who changed what; the oldest of several versions is only there to be compared with."""
    before = [*said[1:], {"document": {}}] if said and said[-1]["version"] == 1 else said[1:]
    return [
        {
            "version": each["version"],
            "set_by": each["set_by"],
            "set_at": each["set_at"],
            "changed": [
                name
                for name in sorted({*each["document"], *earlier["document"]})
                if each["document"].get(name) != earlier["document"].get(name)
            ],
            "rehearsal": each.get("rehearsal"),
        }
        for each, earlier in zip(said, before, strict=False)
    ]
