"""Signs that a medium is near its end, each with what to do about it.

No sign is no proof of health: cheap media die without one. So whatever is written is read back all the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from accesscontrol.canonical import JSON
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from backups.sources import Fault

_WHOLE_LIFE, _LAST_TENTH = 100, 90  # percent


@dataclass(frozen=True, slots=True)
class Sign(Fault):
    """One sign, with what to do; ``failing`` when nothing may be written to the medium any more."""

    failing: bool = False

    def told(self) -> Refusal:
        """Return the sign as something that a refusal can carry and a console translates."""
        return Refusal(self.message, **dict[str, Any](self.fields))


@dataclass(frozen=True, slots=True)
class Condition:
    """What is known of a medium's health; ``monitored`` says whether its own monitor (SMART) could be asked."""

    signs: Sequence[Sign]
    monitored: bool

    @property
    def failing(self) -> bool:
        """Say whether nothing may be written to it any more."""
        return any(sign.failing for sign in self.signs)

    def require_lasting(self, medium: str) -> None:
        """Refuse a medium that is about to fail."""
        if self.failing:
            raise Refusal(
                N_("{medium} is near its end and is not written to: {signs}"),
                control="BK-BAK-04",
                medium=medium,
                signs=[sign.told() for sign in self.signs if sign.failing],
            )

    def to_json(self) -> dict[str, JSON]:
        """Return the condition as plain values for ``--json``."""
        return {
            "failing": self.failing,
            "monitored": self.monitored,
            "signs": [{"failing": sign.failing, "sign": str(sign)} for sign in self.signs],
        }


def of_used_life(percent: int) -> Iterator[Sign]:
    """Yield what the used part of its writing life says about a device made of flash."""
    if percent >= _WHOLE_LIFE:
        yield Sign(N_("It has used up the writing life that its maker names. Replace it."), {}, failing=True)
    elif percent >= _LAST_TENTH:
        words = N_("It has used {percent} % of the writing life that its maker names. Plan its replacement.")
        yield Sign(words, {"percent": percent})
