"""What the launcher puts right in the emulator, as far as it can be seen without one."""

import pytest

from infra.local.corrections import REFUSED, partiql_targets


@pytest.mark.parametrize(
    ("statement", "target"),
    [
        ('DELETE FROM "Waitlist" WHERE pk=? AND sk=? AND entry_id=?', ("Delete", "Waitlist")),
        ('UPDATE "Mail" SET version=? WHERE pk=?', ("Update", "Mail")),
        ("INSERT INTO \"Mail\" VALUE {'pk': ?}", ("Insert", "Mail")),
        ('SELECT * FROM "Waitlist"."due" WHERE due_shard=?', ("Select", "Waitlist")),
    ],
)
def test_a_statement_needs_the_partiql_action_of_its_verb_on_its_table(statement: str, target: tuple[str, str]) -> None:
    assert partiql_targets({"Statement": statement}) == [target]
    assert partiql_targets({"Statements": [{"Statement": statement}, {"Statement": statement}]}) == [target]


@pytest.mark.parametrize("address", ["refused@simulator.amazonses.com", "Refused+17@Simulator.AmazonSES.com"])
def test_reserved_addresses_are_refused(address: str) -> None:
    assert REFUSED.search(address)


@pytest.mark.parametrize(
    "address", ["success@simulator.amazonses.com", "refused@example.com", "refused.not@simulator.amazonses.com"]
)
def test_other_addresses_are_taken(address: str) -> None:
    assert not REFUSED.search(address)
