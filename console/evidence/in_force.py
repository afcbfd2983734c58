"""Which controls this version keeps, how far, and which tests show it: every control, none left out.

The assessment speaks of the city's systems; much of what is kept is kept for this console and what it reaches. Then
the control is kept in part, and ``extent`` says for what. Every guard is a test of this product that exists.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from console.evidence.guards import keeping, logs, office, people, register, user_ids
from console.evidence.guards.model import STANDING_TITLES, Guard, Standing

__all__ = ["GUARDS", "STANDING_TITLES", "Guard", "Standing"]

GUARDS: Final[Mapping[str, Guard]] = MappingProxyType(
    {
        **people.GUARDS,
        **user_ids.GUARDS,
        **logs.GUARDS,
        **keeping.GUARDS,
        **register.GUARDS,
        **office.GUARDS,
    }
)
