"""The kind of request that changes a setting: four eyes here as everywhere (architecture, section 3)."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import msgspec

from accesscontrol.canonical import JSON
from accesscontrol.messages import N_
from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from accesscontrol.requests import slots
from accesscontrol.requests.kinds import Execution, Kind
from console import home as homes
from console import settings as site_settings
from console.database_places import require_own_names, require_places
from console.home import Home
from console.settings import Settings


class SettingsChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One setting, by section and name as in the file, and its new value written as JSON."""

    section: str
    name: str
    value: str


def settings_change_kind(home: Home) -> Kind:
    """Return the kind that changes one setting of the site in ``home``."""

    def present(_parameters: SettingsChange) -> dict[str, str]:
        data = (home.path / site_settings.FILE).read_bytes()
        return {site_settings.FILE: hashlib.sha256(data).hexdigest()}

    def describe(parameters: SettingsChange) -> dict[str, str]:
        now = msgspec.to_builtins(site_settings.read(home.path)).get(parameters.section, {})
        return {
            N_("Setting"): f"{parameters.section}.{parameters.name}",
            N_("Now"): json.dumps(now.get(parameters.name), ensure_ascii=False),
            N_("New"): parameters.value,
        }

    def execute(execution: Execution) -> Mapping[str, JSON]:
        parameters: SettingsChange = execution.parameters
        changed = change(site_settings.read(home.path), parameters)
        with execution.store.transaction() as tx:
            tx.record(
                "setting.changed",
                actor=execution.staff_number,
                subject=f"{parameters.section}.{parameters.name}",
                terminal=execution.terminal,
                value=parameters.value,
                request=execution.request_id,
            )
            homes.replace_settings(home, changed)
        return present(parameters)

    return Kind(
        name="settings-change",
        title=N_("Change of a setting"),
        controls=("AC-AUT-03",),
        parameters=SettingsChange,
        requesters=frozenset({Role.SYSTEM_ADMIN}),
        executors=frozenset({Role.SYSTEM_ADMIN}),
        slots=(slots.SECURITY_OFFICER,),
        execute=execute,
        describe=describe,
        labels={"section": N_("Section"), "name": N_("Setting"), "value": N_("New value")},
        artefacts=present,
        dry_run=lambda parameters: check(home, parameters),
    )


def check(home: Home, parameters: SettingsChange) -> JSON:
    """Return the effect of the change; a wrong section, name or value is refused before anyone approves it.

    So is a database to which no session leads, and a source of backups under a name that another has.
    """
    settings = change(site_settings.read(home.path), parameters)
    if parameters.section == "backups":
        require_places(settings)
        require_own_names(settings)
    changed: Any = msgspec.to_builtins(settings)
    effect: JSON = {f"{parameters.section}.{parameters.name}": changed[parameters.section][parameters.name]}
    return effect


def change(settings: Settings, parameters: SettingsChange) -> Settings:
    """Return ``settings`` with the one change; raises ``Refusal`` for what the settings can't hold."""
    values: dict[str, Any] = msgspec.to_builtins(settings)
    if parameters.section not in values or parameters.name not in values[parameters.section]:
        raise Refusal(N_("There is no setting {section}.{name}."), section=parameters.section, name=parameters.name)
    try:
        values[parameters.section][parameters.name] = json.loads(parameters.value)
        return msgspec.convert(values, Settings)
    except (ValueError, msgspec.ValidationError) as error:
        raise Refusal(
            N_("{value} is no value for {section}.{name}: {reason}."),
            value=parameters.value,
            section=parameters.section,
            name=parameters.name,
            reason=str(error),
        ) from None
