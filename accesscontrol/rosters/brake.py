"""The brake: one bad file must not end the user IDs of hundreds, so a large change needs approval first."""

from dataclasses import dataclass

from accesscontrol.rosters.comparing import Comparison

_WHOLE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Brake:
    """How many persons a roster may take something from without approval.

    It acts above ``count`` persons, or above ``percent`` of those who were there; the share is not asked below
    ``least`` persons, so that a small contractor's one leaver is no alarm.
    """

    count: int = 20
    percent: int = 10
    least: int = 3

    def acts(self, comparison: Comparison) -> bool:
        """Tell whether the change is too large to be carried out without approval."""
        taken = len({change.staff_number for change in comparison.taking})
        if taken > self.count:
            return True
        return taken >= self.least and taken * _WHOLE > self.percent * comparison.known
