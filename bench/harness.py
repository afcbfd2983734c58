"""Paired runs: ours and the reference in turn, so that whatever slows the machine slows both.

Only the ratio is a verdict. Seconds are printed for orientation; they tell about the machine as much as about us.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Timing = Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure: what is measured, against what, and the ratio it should not exceed.

    ``ours`` and ``against`` do one run each and return its seconds, or what else ``unit`` names.
    """

    name: str
    reference: str
    aim: float
    ours: Timing
    against: Timing
    runs: int
    unit: str = "s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The outcome of a figure: the median of each side in its unit, and median, least and greatest ratio of a pair."""

    figure: Figure
    ours: float
    against: float
    ratio: float
    least: float
    greatest: float

    @property
    def met(self) -> bool:
        """Tell whether the aim is met."""
        return self.ratio <= self.figure.aim


def timed(act: Callable[[], object]) -> float:
    """Return the seconds that ``act`` took."""
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def measure(figure: Figure) -> Result:
    """Run both sides once unmeasured, then in pairs whose order alternates."""
    figure.against()
    figure.ours()
    ours: list[float] = []
    against: list[float] = []
    for number in range(figure.runs):
        if number % 2:
            ours.append(figure.ours())
            against.append(figure.against())
        else:
            against.append(figure.against())
            ours.append(figure.ours())
    ratios = [mine / other for mine, other in zip(ours, against, strict=True)]
    return Result(
        figure=figure,
        ours=statistics.median(ours),
        against=statistics.median(against),
        ratio=statistics.median(ratios),
        least=min(ratios),
        greatest=max(ratios),
    )
