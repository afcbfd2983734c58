"""``sekisho controls``: the controls of the protection assessment, and how far each is in force."""

from typing import Any

import click

from accesscontrol.messages import N_
from console.commands.output import json_option, refusals_spoken, say, say_json, say_table
from console.evidence import controls
from console.evidence.controls import KIND_TITLES, Control, Kind
from console.evidence.in_force import STANDING_TITLES, Standing
from console.translation import _, language


@click.group("controls")
def group() -> None:
    """Show the controls of the protection assessment."""


@group.command("list")
@click.option("--kind", type=click.Choice([each.value for each in Kind]), help="Only controls of this kind.")
@click.option("--standing", type=click.Choice([each.value for each in Standing]), help="Only these.")
@json_option
@refusals_spoken
def list_controls(kind: str | None, standing: str | None, *, as_json: bool) -> None:
    """List the controls with what this version keeps of each."""
    found = [
        each
        for each in controls.every()
        if (kind is None or each.kind == kind) and (standing is None or each.standing == standing)
    ]
    if as_json:
        say_json([_as_json(each) for each in found])
        return
    say_table(
        [N_("Control"), N_("Kind"), N_("In force"), N_("What it asks for")],
        [
            [each.id, _(KIND_TITLES[each.kind]), _(STANDING_TITLES[each.standing]), each.title(language())]
            for each in found
        ],
    )


@group.command("show")
@click.argument("control_id")
@json_option
@refusals_spoken
def show(control_id: str, *, as_json: bool) -> None:
    """Show one control, what keeps it, and the tests that show it."""
    found = controls.get(control_id)
    if as_json:
        say_json(_as_json(found))
        return
    say(f"{found.id}  {found.title(language())}")
    say(f"  {_('Kind')}: {_(KIND_TITLES[found.kind])}")
    say(f"  {_('In force')}: {_(STANDING_TITLES[found.standing])}")
    say(f"  {_('In the assessment')}: {'; '.join(found.source)}")
    say(f"  {found.requirement}")
    if found.guard is not None:
        say(f"  {_(found.guard.extent)}")
        for test in found.guard.tests:
            say(f"    {test}")


def _as_json(control: Control) -> dict[str, Any]:
    guard = control.guard
    return {
        "id": control.id,
        "title_en": control.title_en,
        "title_ja": control.title_ja,
        "kind": control.kind,
        "package": control.package,
        "roles": list(control.roles),
        "source": list(control.source),
        "requirement": control.requirement,
        "acceptance": list(control.acceptance),
        "cadence": {"stated": control.cadence.stated, "default": control.cadence.default} if control.cadence else None,
        "differences": control.differences,
        "checks": list(control.checks),
        "standing": control.standing,
        "extent": guard.extent if guard else "",
        "guards": list(guard.tests) if guard else [],
    }
