"""An operator who rehearses policies, as verbs on `Till`."""

from typing import Any

from tests.standby.compensation.remedied import document
from tests.standby.compensation.till import Till


class Rehearser(Till):
    """A shop that asks what a policy would have cost."""

    def begins(self, *rules: dict[str, Any], since: str | None = None, **more: Any) -> tuple[int, Any]:
        """Begin a rehearsal, and do not wait for it."""
        about = {} if since is None else {"since": since}
        body = {"policy": document(*rules, **more), **about}
        return self.asks("POST /v1/policy/rehearse", scopes="ops", body=body)

    def rehearsed(self, rehearsal_id: str) -> Any:
        """Return a rehearsal as it is shown."""
        status, answer = self.asks(f"GET /v1/policy/rehearsals/{rehearsal_id}", scopes="ops")
        assert status == 200, answer
        return answer

    def rehearses(self, *rules: dict[str, Any], **more: Any) -> Any:
        """Rehearse a policy to its end."""
        status, answer = self.begins(*rules, **more)
        assert (status, answer["status"]) == (202, "running"), answer
        self.shop.world.settle()
        found = self.rehearsed(answer["id"])
        assert found["status"] == "finished", found
        return found

    def policy_shown(self) -> Any:
        """Return the policy that holds as it is shown."""
        return self.asks("GET /v1/policy", scopes="ops")[1]


def cost(shown: Any, which: str = "policy") -> dict[str, int]:
    """Return what a rehearsed policy would have cost, by currency."""
    return {each["currency"]: each["amount"] for each in shown[which]["cost"]}


def why(shown: Any, which: str = "policy") -> dict[str, int]:
    """Return how many shipments would have been given nothing, by why."""
    return {each["why"]: each["shipments"] for each in shown[which]["nothing"]}


def undecided(shown: Any) -> dict[str, int]:
    """Return how many shipments are decided by none for certain, by why."""
    return {each["why"]: each["shipments"] for each in shown["undecided"]}
