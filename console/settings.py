"""The site's settings: one TOML file, validated as a whole, every default with the place that it comes from.

A value that the assessment gives is a rule and not here; where it gives no number, the default of the product stands
here and every screen that uses it shows the value in force (domain, sections 12 and 13).
"""

import tomllib
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from console.system_settings import AccountsSection, System, toml_block

FILE = "site.toml"
Days = Annotated[int, Meta(ge=1, le=3650)]
Minutes = Annotated[int, Meta(ge=1, le=1440)]
Count = Annotated[int, Meta(ge=1, le=1_000_000)]
SourceLine = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,30}=.+$")]
TreeLine = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,30}=/.+$")]
HostLine = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,30}=[a-z0-9][a-z0-9-]{0,62}$")]


class SiteSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who runs this console."""

    name: Annotated[str, Meta(min_length=1, max_length=40)]
    id: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9.-]{0,62}$")]
    zone: str = "Asia/Tokyo"
    demo: bool = False


class SignInSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Signing in and the screen (AC-AUT-01, AC-AUT-02, AC-PWD-01 to AC-PWD-03, AC-TRM-03).

    ``security_key_models`` are the AAGUIDs of keys that may be enrolled, ``security_key_roots`` the certificate files
    (PEM, named from the home on) of the makers that attest them.
    """

    failures: Count = 5
    failure_minutes: Minutes = 10
    substitutes_allowed: bool = True
    security_key_models: tuple[Annotated[str, Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")], ...] = ()
    security_key_roots: tuple[str, ...] = ()
    idle_minutes: Minutes = 5
    unmasked_seconds: Annotated[int, Meta(ge=5, le=600)] = 60
    password_days: Annotated[int, Meta(ge=0, le=3650)] = 90
    password_length: Annotated[int, Meta(ge=8, le=128)] = 12
    password_history: Annotated[int, Meta(ge=0, le=100)] = 12
    password_distance: Annotated[int, Meta(ge=1, le=64)] = 5
    password_classes: Annotated[int, Meta(ge=1, le=4)] = 3
    contractor_classes: Annotated[int, Meta(ge=1, le=4)] = 4
    temporary_hours: Annotated[int, Meta(ge=1, le=168)] = 24
    city_words: tuple[Annotated[str, Meta(min_length=2, max_length=40)], ...] = ()
    argon2_memory_kib: Annotated[int, Meta(ge=8)] = 65536
    argon2_iterations: Count = 3
    argon2_lanes: Count = 4


class TrailSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the second place of the trail is (MO-LOG-01).

    ``witness`` is ``directory:/path/on/another/medium``, ``command:ssh witness@host``, or empty for none. A directory
    without a leading slash is named from the home on.
    """

    witness: Annotated[str, Meta(pattern=r"^(|directory:.+|command:.+)$")] = ""
    checkpoint_seconds: Count = 60


class EventsSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The anomaly rules' numbers (MO-ANM-02, MO-ANM-03) and the archive's period (MO-LOG-05)."""

    failures: Count = 5
    failure_minutes: Minutes = 10
    keep_years: Annotated[int, Meta(ge=1, le=150)] = 7
    overdue_days: Days = 1


class BackupsSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Backups and their export (BK-BAK-01 to BK-BAK-04, BK-MED-05).

    Every day at ``slot`` (site's zone) each source is taken; empty for none by schedule. ``stale_hours`` is the RPO,
    ``restore_hours`` the RTO. ``postgresql``, ``postgresql_directories`` (dumped as a directory, two tables at a time)
    and ``clusters`` name databases and whole clusters as ``NAME=CONNINFO`` without a password; restored dumps are
    tried in databases that are made and dropped on the server ``scratch``. Each of these servers is reached in a
    controlled session only: ``hosts`` names as ``NAME=HOST`` the managed host whose declared service it is (the one
    of ``registry`` is that of ``[register]`` unless it says otherwise, ``scratch`` is named like a source), or the
    connection string names its Unix socket on this machine (``host=/run/postgresql``). ``trees`` name folders of this
    machine as ``NAME=/FOLDER``, taken with all that is in them. With ``judge_register`` the register's own checks
    judge each copy (of databases the one named ``registry``), so that a drill can compare what they find.
    """

    recipients: tuple[str, ...] = ()
    slot: Annotated[str, Meta(pattern=r"^(|([01][0-9]|2[0-3]):[0-5][0-9])$")] = "02:00"
    postgresql: tuple[SourceLine, ...] = ()
    postgresql_directories: tuple[SourceLine, ...] = ()
    clusters: tuple[SourceLine, ...] = ()
    hosts: tuple[HostLine, ...] = ()
    trees: tuple[TreeLine, ...] = ()
    scratch: str = ""
    judge_register: bool = True
    stale_hours: Annotated[int, Meta(ge=1, le=8760)] = 26
    restore_hours: Annotated[int, Meta(ge=1, le=8760)] = 4
    drill_days: Days = 90
    medium_days: Days = 8
    verify_days: Days = 7
    witness: bool = True
    daily: Count = 7
    weekly: Count = 5
    monthly: Count = 12
    yearly: Count = 7

    @property
    def databases(self) -> tuple[SourceLine, ...]:
        """The databases and clusters, each reached in a session."""
        return (*self.postgresql, *self.postgresql_directories, *self.clusters)


class RegisterSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the register is, if it is not the embedded one (MO-SYS-06).

    ``host`` is the managed host whose one declared service is the register's PostgreSQL: work on it goes through a
    controlled session there. ``database`` names the database and its role (libpq, without place and password, which
    stands in a passfile); ``reading`` is the whole connection string of a role that may only read, by which dry runs
    and looks are made. A backup of a database goes through a session too, whatever host it is on, and must end
    within ``backup_hours``.
    """

    host: Annotated[str, Meta(pattern=r"^(|[a-z0-9][a-z0-9-]{0,62})$")] = ""
    database: str = ""
    reading: str = ""
    backup_hours: Annotated[int, Meta(ge=1, le=24)] = 4


class MediaSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Media, their stores and the output of register data (BK-MED-01 to BK-MED-10).

    ``stores`` are the locked places; a medium anywhere else is out. ``plain_folders`` lets outputs go into a folder
    under a number that is in no register: for a demo, or a site whose media this host can't tell apart. ``terminals``
    have the output mark; empty means every registered one that is not restricted. ``host_mounts`` are mounts of the
    host's own, beside the usual ones, where a look for unregistered media passes by.
    """

    stores: tuple[str, ...] = ()
    kinds: tuple[Literal["hard-disk", "solid-state", "flash", "optical", "tape"], ...] = (
        "hard-disk",
        "solid-state",
        "optical",
        "tape",
    )
    plain_folders: bool = False
    terminals: tuple[str, ...] = ()
    bulk_persons: Count = 100
    bulk_hours: Annotated[int, Meta(ge=1, le=8760)] = 24
    watch: bool = True
    host_mounts: tuple[str, ...] = ()
    stocktaking_days: Days = 90


class RostersSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The brake of rosters (AC-USR-06): above so many persons, or so large a share of them, a request is needed.

    The share is not asked below ``brake_least`` persons.
    """

    brake_count: Count = 20
    brake_percent: Annotated[int, Meta(ge=1, le=100)] = 10
    brake_least: Count = 3


class ReviewsSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Permission reviews and the monthly check of IDs (AC-PRM-01, AC-USR-02): days to answer, days until unused."""

    answer_days: Days = 14
    unused_days: Days = 90


class RequestsSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How long an approval lives (domain, section 12)."""

    approval_business_days: Annotated[int, Meta(ge=1, le=60)] = 3


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All settings of a site."""

    site: SiteSection
    sign_in: SignInSection = SignInSection()
    trail: TrailSection = TrailSection()
    events: EventsSection = EventsSection()
    backups: BackupsSection = BackupsSection()
    media: MediaSection = MediaSection()
    register: RegisterSection = RegisterSection()
    rosters: RostersSection = RostersSection()
    requests: RequestsSection = RequestsSection()
    accounts: AccountsSection = AccountsSection()
    reviews: ReviewsSection = ReviewsSection()
    systems: tuple[System, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone, in which days begin and end."""
        return ZoneInfo(self.site.zone)


def parse(text: str) -> Settings:
    """Return the settings that ``text`` (TOML) holds; raises ``Refusal`` that names what is wrong where."""
    try:
        settings = msgspec.convert(tomllib.loads(text), Settings)
        settings.zone  # noqa: B018 - an unknown zone is found here, not at midnight
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, KeyError, ValueError) as error:
        raise Refusal(
            N_("The settings in {file} can't be used: {reason}. Mend the file, then try again."),
            file=FILE,
            reason=str(error).strip("'\""),
        ) from None
    return settings


def read(home: Path) -> Settings:
    """Return the settings of the site in ``home``."""
    try:
        text = (home / FILE).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refusal(
            N_("The settings in {file} can't be read: {reason}."), file=str(home / FILE), reason=str(error)
        ) from None
    return parse(text)


def encode(settings: Settings) -> str:
    """Return ``settings`` as the TOML that :func:`parse` reads back."""
    sections = []
    for name, section in msgspec.to_builtins(settings).items():
        if isinstance(section, dict):
            sections.append(toml_block(f"[{name}]", section))
        else:
            sections += [toml_block(f"[[{name}]]", each) for each in section]
    return "\n\n".join(sections) + "\n"
