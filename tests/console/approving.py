"""Requests of the town's people, approved and executed as people do it, for the tests of what they run."""

from typing import Any

from accesscontrol.requests import decisions, gate, reading, submission
from accesscontrol.requests.reading import Request
from accesscontrol.requests.states import State
from tests.console.second_persons import signing
from tests.console.town import Town

CHANGE = {"sql": "UPDATE resident_register SET remarks = 'checked' WHERE record_id IN (1, 2, 3)"}


def approved(town: Town, kind: str = "adhoc-sql-change", parameters: dict[str, Any] = CHANGE) -> Request:
    """Return a request of Yamada's that Sato, Nakamura and the witness Suzuki have signed as far as it needs them."""
    desk = town.site.desk
    request = submission.submit(desk, kind, parameters, town.acting("yamada"), reason="clean up")
    for login in ("sato", "nakamura")[: len(request.rule.slots)]:
        sign = signing(town, login)
        decisions.approve(desk, request.id, town.acting(login), seen=request.digest, sign=sign)
    if request.rule.witness:
        statement, sign = "Seated.", signing(town, "suzuki")
        decisions.attest(
            desk, request.id, town.acting("suzuki"), phase=decisions.BEFORE, statement=statement, sign=sign
        )
    return reading.get(town.site.store, request.id)


def execute(town: Town, request: Request) -> tuple[State, dict[str, Any]]:
    """Execute it as Ito, and return its state and evidence."""
    done = gate.execute(town.site.desk, request.id, town.acting("ito"))
    assert done.performance is not None
    return done.state, dict(done.performance.evidence or {})
