"""The second factor as a person gives it here: a typed code, or a finger on the security key that is plugged in."""

from collections.abc import Callable

from accesscontrol.messages import N_
from accesscontrol.people import fingerprint_keys
from accesscontrol.people.factors import Authenticator
from accesscontrol.people.fingerprint_keys import FingerprintKey
from accesscontrol.people.secret import Secret
from accesscontrol.refusals import Refusal


def _untold(_words: str) -> None:
    """Show nothing: the key's own light asks for the finger."""


def given(code: str, *, tell: Callable[[str], None] = _untold) -> Secret | Authenticator:
    """Return the code that was typed, or without one the security key at hand, which then waits for a finger."""
    typed = code.strip()
    return Secret(typed) if typed else at_hand(tell=tell)


def at_hand(*, tell: Callable[[str], None] = _untold) -> FingerprintKey:
    """Return the one security key that is plugged in; none, or several, are refused."""
    found = fingerprint_keys.connected()
    if not found:
        raise Refusal(N_("Type the code, or plug in your security key and try again."), control="AC-AUT-01")
    if len(found) > 1:
        raise Refusal(
            N_("{count} security keys are plugged in. Leave only your own, then try again."),
            control="AC-AUT-02",
            count=len(found),
        )
    return FingerprintKey(found[0], tell=tell)
