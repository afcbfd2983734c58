"""The rules of signing in, as a site's settings give them."""

from datetime import timedelta
from pathlib import Path
from ssl import PEM_cert_to_DER_cert

from accesscontrol.messages import N_
from accesscontrol.people.policy import Argon2Parameters, PasswordPolicy, SecurityKeyPolicy, SignInPolicy
from accesscontrol.refusals import Refusal
from console.home import Home
from console.settings import SignInSection
from console.translation import filled


def sign_in_policy(section: SignInSection, home: Home) -> SignInPolicy:
    """Return the sign-in rules that the settings give."""
    argon2 = Argon2Parameters(
        memory_kib=section.argon2_memory_kib, iterations=section.argon2_iterations, lanes=section.argon2_lanes
    )
    return SignInPolicy(
        pepper=home.pepper(),
        passwords=PasswordPolicy(
            minimum_length=section.password_length,
            history=section.password_history,
            minimum_distance=section.password_distance,
            required_classes=section.password_classes,
            contractor_classes=section.contractor_classes,
            temporary_validity=timedelta(hours=section.temporary_hours),
            city_words=frozenset(section.city_words),
            maximum_age=timedelta(days=section.password_days) if section.password_days else None,
            argon2=argon2,
        ),
        security_keys=SecurityKeyPolicy(
            models=frozenset(section.security_key_models),
            roots=tuple(_certificate(home.path / name) for name in section.security_key_roots),
        ),
        failures=section.failures,
        failure_window=timedelta(minutes=section.failure_minutes),
        substitutes_allowed=section.substitutes_allowed,
        idle_hide=timedelta(minutes=section.idle_minutes),
        unmasked=timedelta(seconds=section.unmasked_seconds),
    )


def _certificate(path: Path) -> bytes:
    """Return a certificate file (PEM) as DER."""
    try:
        return PEM_cert_to_DER_cert(path.read_text("ascii").strip())
    except (OSError, ValueError) as error:
        raise Refusal(
            N_("The certificate {path} can't be read: {reason}."), path=str(path), reason=str(error)
        ) from None


def password_advice(policy: PasswordPolicy) -> str:
    """Return what a new password must be, before one is chosen (AC-PWD-03), in the reader's language."""
    needs = N_(
        "A password has at least {minimum} characters of {needed} kinds: capitals, small letters, digits, others. "
        "Login, staff number, name and office may not stand in it."
    )
    return filled(needs, {"minimum": policy.minimum_length, "needed": policy.required_classes})
