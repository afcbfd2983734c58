"""Operator accounts of the synthetic city's register system."""

from datetime import date, timedelta
from random import Random
from typing import Any

from registry.synthetic.names import Name, draw_family, draw_given
from registry.synthetic.stock import stock

_PROFILES = ("inquiry", "inquiry", "inquiry", "update", "update", "administrator")
_COUNT = 120
_CONTRACTORS = 14
_SEED = 20150605


def registry_accounts(today: date) -> list[dict[str, Any]]:
    """Return the accounts, the same in every city: staff ``S0001`` and on, contractors with an end of validity."""
    random = Random(_SEED)  # noqa: S311 - a reproducible city, not a secret
    offices = stock("places")["offices"]
    accounts = []
    for number in range(1, _COUNT + 1):
        name = Name(draw_family(random), draw_given(random, random.choice("12"), random.randint(22, 64)))
        contractor = number > _COUNT - _CONTRACTORS
        created = today - timedelta(days=random.randint(60, 2500))
        last = today - timedelta(days=random.choice((0, 1, 1, 2, 3, 5, 120)))
        until = today + timedelta(days=random.randint(20, 200)) if contractor else None
        accounts.append(
            {
                "login": f"S{number:04}",
                "display_name": name.plain,
                "staff_number": f"S{number:04}",
                "office": random.choice(offices),
                "profile": "inquiry" if contractor else random.choice(_PROFILES),
                "enabled": 1,
                "valid_until": until.isoformat() if until else None,
                "created_at": f"{created}T00:30:00.000000+00:00",
                "last_sign_in_at": f"{max(created, last)}T00:25:00.000000+00:00",
            }
        )
    return accounts
