"""Ending findings whose cause is gone: what was missing came after all, late as it is."""

from accesscontrol.clock import to_text
from accesscontrol.people.reading import Reader
from accesscontrol.store import Store
from monitors.findings.raising import finding_name
from monitors.findings.states import OPEN, State


def make_good(
    store: Store, rule: str, group: str, *, by: str, actor: str = "system", is_seen: bool = False
) -> list[str]:
    """End the unjudged findings of ``rule`` and ``group`` and return their names (act ``finding.made-good`` for each).

    ``by`` names what came after all, such as a review; ``is_seen`` says that it was read itself. Otherwise none ends
    while a damaged row was passed over: what isn't found any more may stand in just that row. What people have judged
    stays as they judged it.
    """
    if store.damage and not is_seen:
        return []
    marks = ",".join("?" * len(OPEN))
    where = f"rule = ? AND grouping = ? AND state IN ({marks})"
    values = (rule, group, *sorted(OPEN))
    if store.row(f"SELECT 1 FROM finding WHERE {where}", values) is None:  # noqa: S608 - question marks
        return []
    with store.transaction() as tx:
        # our own conditions
        ended = [row["id"] for row in tx.rows(f"SELECT id FROM finding WHERE {where} ORDER BY id", values)]  # noqa: S608
        for number in ended:
            tx.execute(
                "UPDATE finding SET state = ?, changed_at = ?, disposed_at = ?, disposed_by = ?, reason = ?"
                " WHERE id = ?",
                (State.MADE_GOOD, to_text(tx.at), to_text(tx.at), actor, by, number),
            )
            tx.record("finding.made-good", actor=actor, subject=finding_name(number), rule=rule, by=by)
    return [finding_name(number) for number in ended]


def open_groups(reader: Reader, rule: str) -> set[str]:
    """Return the groups of ``rule`` that have a finding which nobody has judged yet."""
    marks = ",".join("?" * len(OPEN))
    where = f"rule = ? AND state IN ({marks})"
    # our own conditions
    rows = reader.rows(f"SELECT DISTINCT grouping FROM finding WHERE {where}", (rule, *sorted(OPEN)))  # noqa: S608
    return {row["grouping"] for row in rows}
