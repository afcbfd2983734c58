"""The one place where the floors meet: it opens a site and hands every part what it needs."""

import shlex
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from accesscontrol.accounts.kinds import account_kinds
from accesscontrol.accounts.migrations import migrations as accounts_migrations
from accesscontrol.clock import Clock, SystemClock, end_of_day, local_day
from accesscontrol.messages import N_
from accesscontrol.people.migrations import migrations as people_migrations
from accesscontrol.people.policy import SignInPolicy
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting, Desk
from accesscontrol.requests.kinds import Kind
from accesscontrol.requests.migrations import migrations as requests_migrations
from accesscontrol.requests.operator_kinds import operator_kinds
from accesscontrol.requests.terminal_kinds import take_out_kind
from accesscontrol.reviews.accounts import AccountsLedger
from accesscontrol.reviews.migrations import migrations as reviews_migrations
from accesscontrol.rosters.brake import Brake
from accesscontrol.rosters.kinds import roster_kind
from accesscontrol.rosters.migrations import migrations as rosters_migrations
from accesscontrol.sessions.hosts import host_kinds
from accesscontrol.sessions.migrations import migrations as sessions_migrations
from accesscontrol.store import Store
from accesscontrol.trail.checkpoints import Sealer
from accesscontrol.trail.notes import Verifier
from accesscontrol.trail.witness import CommandWitness, DirectoryWitness, Witness
from backups.catalogue import Catalogue, Order
from backups.duty import COPYING, Duty
from backups.erasure import backup_erasure_kind
from backups.exports import backup_export_kind
from backups.media.destinations import Destinations, EitherDestinations, FolderDestinations, MediaDestinations
from backups.media.log_output import log_export_kind
from backups.media.output import OutputRules, media_output_kinds
from backups.media.periods import medium_period_kind
from backups.media.register import Register
from backups.migrations import migrations as backups_migrations
from backups.sealing.keys import Recipient
from backups.sealing.sshsig import KeySigner
from backups.sources import Source
from backups.sources.sqlite import SQLiteSource
from backups.sources.tree import TreeSource, home_source
from console import home as homes
from console import settings as site_settings
from console import site_calendar
from console.archive import Archive
from console.database_places import named
from console.facts import SiteFacts
from console.guarded import WitnessedDestinations
from console.home import Home
from console.opened import CONSOLE
from console.register import SiteRegister
from console.register_source import REGISTER, RegisterSource
from console.settings import Settings
from console.sign_in_rules import sign_in_policy
from console.site_requests import settings_change_kind
from console.system_settings import inside, offices_of
from monitors.calendars.hours import Calendar
from monitors.calendars.overtime import overtime_kind
from monitors.events.erasure import limit, log_erasure_kind
from monitors.events.ledger import migrations as events_migrations
from monitors.findings.judging import Judges
from monitors.findings.migrations import migrations as findings_migrations
from registry.migrations import migrations as registry_migrations

if TYPE_CHECKING:
    from accesscontrol.accounts.connectors.protocol import Connector
    from accesscontrol.sessions.authority import Authority
    from accesscontrol.sessions.supervision import Supervision
    from registry.checks import Settings as RegisterSettings
    from registry.tasks.kind import Site as MaintenanceSite
    from registry.tasks.kind import Sitting


@dataclass(frozen=True)
class Installation:
    """An opened site: its settings, its store, and the parts of the house over them, each made when first asked for."""

    home: Home
    clock: Clock

    @cached_property
    def settings(self) -> Settings:
        """The settings as they were when the site was opened."""
        return site_settings.read(self.home.path)

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return self.settings.zone

    @cached_property
    def store(self) -> Store:
        """The console's store, brought to the newest schema."""
        store = Store(self.home.store, self.clock, seal=self.home.seal())
        store.migrate(
            people_migrations,
            accounts_migrations,
            rosters_migrations,
            requests_migrations,
            sessions_migrations,
            reviews_migrations,
            events_migrations,
            findings_migrations,
            backups_migrations,
            registry_migrations,
        )
        return store

    @cached_property
    def policy(self) -> SignInPolicy:
        """The rules of signing in."""
        return sign_in_policy(self.settings.sign_in, self.home)

    @property
    def origin(self) -> str:
        """The name of the trail and of the key that signs it."""
        return f"sekisho/{self.settings.site.id}"

    @cached_property
    def log_verifier(self) -> Verifier:
        """The public half of the trail's key."""
        return Verifier(self.origin, self.home.trail_key().public_key())

    @cached_property
    def witness(self) -> Witness | None:
        """The second place of the trail, if the settings name one."""
        kind, _, where = self.settings.trail.witness.partition(":")
        if kind == "directory":
            return DirectoryWitness(inside(self.home.path, where), self.clock)
        if kind == "command":
            return CommandWitness(shlex.split(where))
        return None

    @cached_property
    def sealer(self) -> Sealer:
        """What makes checkpoints of the trail."""
        return Sealer(self.store, origin=self.origin, load_key=self.home.trail_key, witness=self.witness)

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """Every kind of request that this site knows, by name."""
        kinds = (
            settings_change_kind(self.home),
            *operator_kinds(self.store, self.zone, self.settings.accounts.most_custodians),
            take_out_kind(self.zone),
            *host_kinds(self.store),
            roster_kind(self.store, self.zone, self.brake),
            *account_kinds(self.store, self.zone, lambda: self.connectors, lambda: offices_of(self.settings.systems)),
            backup_export_kind(
                self.catalogue,
                zone=self.zone,
                destinations=self.destinations,
                witness=self.settings.backups.witness,
            ),
            *media_output_kinds(
                self.catalogue, zone=self.zone, destinations=self.destinations, rules=self._output_rules()
            ),
            log_export_kind(
                self.catalogue,
                zone=self.zone,
                destinations=self.destinations,
                witness=self.settings.backups.witness,
            ),
            backup_erasure_kind(self.catalogue),
            medium_period_kind(self.store, self.zone),
            log_erasure_kind(self.store, self.home.path, self._events_kept_from),
            overtime_kind(self.zone),
            *self._register_kinds(),
        )
        return {kind.name: kind for kind in kinds}

    def _events_kept_from(self) -> datetime:
        """Return the beginning of the day before which events need not be kept any more."""
        return limit(self.clock.now(), self.settings.events.keep_years, self.zone)

    @property
    def brake(self) -> Brake:
        """From how many persons a roster may take without approval."""
        section = self.settings.rosters
        return Brake(count=section.brake_count, percent=section.brake_percent, least=section.brake_least)

    @cached_property
    def authority(self) -> "Authority":
        """What certifies sessions on managed hosts."""
        from accesscontrol.sessions.authority import Authority

        return Authority(self.home.session_key())

    @cached_property
    def supervision(self) -> "Supervision":
        """What controlled sessions on managed hosts run under."""
        from accesscontrol.sessions.reaching import over_ssh
        from console import host_findings

        home, alarmed = self.home, lambda: host_findings.find(self)
        return over_ssh(self.store, self.zone, home.recordings, self.authority, alarmed=alarmed)

    @cached_property
    def reviewed(self) -> AccountsLedger:
        """The user IDs as permission reviews see them."""
        from console import accounts

        return AccountsLedger(accounts.sources(self))

    def _register_kinds(self) -> tuple[Kind, ...]:
        from registry.tasks.adhoc import adhoc_kinds
        from registry.tasks.catalogue import CATALOGUE
        from registry.tasks.kind import maintenance_kinds

        return (*maintenance_kinds(CATALOGUE, self.maintenance), *adhoc_kinds(self.maintenance))

    @cached_property
    def maintenance(self) -> "MaintenanceSite":
        """What the maintenance tasks work on, and the sessions in which they run."""
        from console import maintenance_sessions

        return maintenance_sessions.site_of(self)

    @property
    def register(self) -> SiteRegister:
        """The site's own register, wherever it lives."""
        return SiteRegister(self.home.registry, self.settings.register, self._seat)

    def _seat(self, name: str, title: str, actor: Acting) -> "AbstractContextManager[Sitting]":
        from console.maintenance_standing import standing

        return standing(self, name, title, executor=actor)

    def register_settings(self) -> "RegisterSettings":
        """Return what checks and tasks of the register must know: the site's day, its zone, its business days."""
        from registry.checks import Settings as RegisterSettings

        return RegisterSettings(today=self._today(), zone=self.zone, next_business_day=self.next_business_day)

    @cached_property
    def connectors(self) -> "Mapping[str, Connector]":
        """What reaches the systems whose user IDs this console governs, by name."""
        from console import accounts

        return accounts.connectors(self)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The backups of this site."""
        return Catalogue(self.store, self.home.backups)

    @cached_property
    def signer(self) -> KeySigner:
        """The console's key, which signs manifests of backups and labels of media."""
        return KeySigner(self.origin, self.home.manifest_key())

    @cached_property
    def media(self) -> Register:
        """The register of media, whose labels this console signed."""
        section = self.settings.media
        return Register(store=self.store, trusted=frozenset({self.signer.public_key}), allowed=frozenset(section.kinds))

    @cached_property
    def destinations(self) -> Destinations:
        """Where outputs may go: registered media only, unless the site lets plain folders stand for others."""
        media = MediaDestinations(self.media)
        either = (
            EitherDestinations(media, FolderDestinations(self.home.path))
            if self.settings.media.plain_folders
            else media
        )
        return WitnessedDestinations(either, lambda: self.witness)

    def _output_rules(self) -> OutputRules:
        section = self.settings.media
        return OutputRules(
            next_business_day=self.next_business_day,
            bulk=section.bulk_persons,
            window=timedelta(hours=section.bulk_hours),
            terminals=frozenset(section.terminals),
            witness=self.settings.backups.witness,
        )

    @property
    def sources(self) -> Mapping[str, Source]:
        """What can be backed up, by name: the registers and databases of the site, and this home itself."""
        return self.sources_for(CONSOLE)

    def sources_for(self, executor: Acting) -> Mapping[str, Source]:
        """Return what can be backed up by ``executor``, who has the controlled sessions that databases need."""
        section = self.settings.backups
        sources: list[Source] = [home_source(self.home.path)]
        if self.home.registry.is_file() or not (section.postgresql or section.postgresql_directories):
            register = SQLiteSource(REGISTER, self.home.registry)
            judged = RegisterSource(self.home.registry, self._today, self.zone)
            sources.append(judged if section.judge_register else register)
        sources += [TreeSource(name, Path(folder)) for name, folder in named(section.trees)]
        if section.databases:
            from console import database_sources

            sources += database_sources.sources(self, executor)
        return {source.name: source for source in sorted(sources, key=lambda each: each.name)}

    def _today(self) -> date:
        return local_day(self.clock.now(), self.zone)

    def order(self, source: str, *, actor: str, terminal: str) -> Order:
        """Return the order to back ``source`` up, sealed to the site's recipients and signed by the console."""
        sources = self.sources_for(Acting("", actor, terminal))
        if source not in sources:
            raise Refusal(
                N_("There is no source {source} to back up; there are: {names}."), source=source, names=sorted(sources)
            )
        return self.order_of(sources[source], actor, terminal)

    def order_of(
        self, source: Source, actor: str, terminal: str, *, entry_record: str = "", duty: Duty = COPYING
    ) -> Order:
        """Return the order for a source that is at hand; ``entry_record`` is the number in the room's entry book."""
        newest = self.store.row("SELECT note FROM trail_checkpoint ORDER BY size DESC LIMIT 1")
        return Order(
            source=source,
            recipients=[Recipient.parse(each) for each in self.settings.backups.recipients],
            signer=self.signer,
            actor=actor,
            terminal=terminal,
            entry_record=entry_record,
            checkpoint=newest["note"] if newest else "",
            duty=duty,
        )

    @cached_property
    def desk(self) -> Desk:
        """The counter for requests."""
        return Desk(
            store=self.store,
            kinds=self.kinds,
            zone=self.zone,
            seal=self.sealer.seal,
            business_days_after=self.business_days_after,
        )

    @cached_property
    def archive(self) -> Archive:
        """The events of this site's systems."""
        return Archive(self.store, self.home.path, self.zone)

    @cached_property
    def facts(self) -> SiteFacts:
        """What detection must know of accounts, terminals and approved requests."""
        from console import accounts

        return SiteFacts(self.store, self.register, self.zone, accounts.names_in_logs(self))

    @cached_property
    def judges(self) -> Judges:
        """Where findings are judged."""
        return Judges(self.store, self.facts.owner_of)

    @cached_property
    def calendar(self) -> Calendar:
        """Opening hours, holidays and special days of the offices."""
        return site_calendar.read(self.home.path)

    def is_business_day(self, day: date) -> bool:
        """Tell whether ``day`` is a business day of the city's main office."""
        return bool(self.calendar.hours("", day))

    def next_business_day(self, day: date) -> date:
        """Return the first business day after ``day``."""
        day += timedelta(days=1)
        while not self.is_business_day(day):
            day += timedelta(days=1)
        return day

    def business_days_after(self, instant: datetime, days: int) -> datetime:
        """Return the end (UTC) of the ``days``-th business day after the day of ``instant`` in the site's zone."""
        day = local_day(instant, self.zone)
        while days:
            day += timedelta(days=1)
            days -= self.is_business_day(day)
        return end_of_day(day, self.zone)


def open_site(path: Path, clock: Clock | None = None) -> Installation:
    """Open the site in ``path``; raises ``Refusal`` when it is missing, open to others, or damaged."""
    return Installation(homes.open_home(path), clock or SystemClock())
