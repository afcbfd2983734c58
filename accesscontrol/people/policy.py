"""The rules of signing in, as values: what a site's settings fill, and a test makes cheap."""

from dataclasses import dataclass, field
from datetime import timedelta

from accesscontrol.people.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Argon2Parameters:
    """The cost of one Argon2id derivation (RFC 9106): memory in KiB, passes, lanes."""

    memory_kib: int = 65536
    iterations: int = 3
    lanes: int = 4

    def weaker_than(self, other: "Argon2Parameters") -> bool:
        """Tell whether these cost an attacker less memory or fewer passes than ``other``."""
        return self.memory_kib < other.memory_kib or self.iterations < other.iterations


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordPolicy:
    """What a password must be (AC-PWD-01 to 03; defaults of the site's domain description).

    ``maximum_age`` of None switches periodic change off, as NIST SP 800-63B-4 advises; the assessment of the
    city asks for a period, so the default has one. ``minimum_distance`` is the number of edits by which a new
    password must differ from the present one; ``history`` the number of earlier ones that stay refused.
    ``history_argon2`` is cheaper, because a change derives about fifty shapes, all of retired passwords and under
    the pepper.
    """

    minimum_length: int = 12
    maximum_length: int = 128
    required_classes: int = 3
    contractor_classes: int = 4
    history: int = 12
    minimum_distance: int = 5
    maximum_age: timedelta | None = timedelta(days=90)
    warn_before: timedelta = timedelta(days=14)
    temporary_validity: timedelta = timedelta(hours=24)
    argon2: Argon2Parameters = field(default_factory=Argon2Parameters)
    history_argon2: Argon2Parameters = field(
        default_factory=lambda: Argon2Parameters(memory_kib=12288, iterations=1, lanes=1)
    )
    city_words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityKeyPolicy:
    """Which security keys may be enrolled: models (AAGUIDs) and the roots (DER certificates) that attest them."""

    models: frozenset[str] = frozenset()
    roots: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPolicy:
    """How people sign in at this site.

    ``pepper`` is the site's secret outside the database (see ``people.pepper``): a stolen database alone lets
    nobody try passwords or read seeds. ``substitutes_allowed`` False admits biometric factors only (AC-AUT-02).
    ``idle_hide`` and ``unmasked`` are for the screens (AC-TRM-03).
    """

    pepper: Secret
    passwords: PasswordPolicy = field(default_factory=PasswordPolicy)
    security_keys: SecurityKeyPolicy = field(default_factory=SecurityKeyPolicy)
    failures: int = 5
    failure_window: timedelta = timedelta(minutes=10)
    substitutes_allowed: bool = True
    idle_hide: timedelta = timedelta(minutes=5)
    unmasked: timedelta = timedelta(seconds=60)
