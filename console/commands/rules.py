"""``sekisho rules``: the detection rules that ship and the site's own, their examples, and what is wrong in one."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from console.commands.context import Context, pass_context
from console.commands.output import REFUSED, json_option, refusals_spoken, say, say_json, say_table
from console.translation import _, filled
from monitors.findings.absences import ABSENCES, Absence
from monitors.findings.log_breaks import BREAKS
from monitors.rules import catalogue, trial
from monitors.rules.catalogue import Rule

_BUILT_IN = (*ABSENCES, *BREAKS)
_WHY = N_("Sigma tells what happened; that nothing happened is found by the program itself.")


@click.group("rules")
def group() -> None:
    """List and try detection rules, in Sigma: those that ship, and the site's own in its folder rules."""


def _as_json(rule: Rule, *, own: bool) -> dict[str, Any]:
    return {
        "name": rule.name,
        "title": _(rule.title),
        "severity": rule.severity,
        "version": rule.version,
        "controls": rule.controls,
        "sha256": rule.sha256,
        "own": own,
        "examples": len(rule.tests.fires) + len(rule.tests.silent),
    }


def _line(each: Rule | Absence, title: str) -> list[str]:
    return [each.name, _(each.severity), title, ", ".join(each.controls)]


def _built_in_as_json(each: Absence) -> dict[str, Any]:
    return {
        "name": each.name,
        "title": _(each.title),
        "severity": each.severity,
        "version": each.version,
        "controls": each.controls,
        "reason": _(_WHY),
    }


@group.command("list")
@json_option
@pass_context
@refusals_spoken
def list_rules(context: Context, *, as_json: bool) -> None:
    """List every rule, those that are built in and no file, and those of the site that can't be used, with why."""
    own, unusable = catalogue.of_site(context.site.home.path)
    rules = [(rule, False) for rule in catalogue.shipped()] + [(rule, True) for rule in own]
    if as_json:
        say_json(
            {
                "rules": [_as_json(rule, own=is_own) for rule, is_own in rules],
                "built_in": [_built_in_as_json(each) for each in _BUILT_IN],
                "unusable": [{"name": each.name, "reason": each.reason} for each in unusable],
            }
        )
        return
    lines = [_line(rule, _(rule.title) if not is_own else rule.title) for rule, is_own in rules]
    say_table(
        [N_("Rule name"), N_("Severity"), N_("What it finds"), N_("Control")],
        [*lines, *(_line(each, _(each.title)) for each in _BUILT_IN)],
    )
    say(_("Built in: {names}.").format(names=", ".join(each.name for each in _BUILT_IN)) + " " + _(_WHY))
    for each in unusable:
        say(_("{name} can't be used: {reason}").format(name=each.name, reason=each.reason))


@group.command("test")
@click.argument("names", nargs=-1)
@json_option
@pass_context
@refusals_spoken
def test_rules(context: Context, names: tuple[str, ...], *, as_json: bool) -> None:
    """Run the examples of all rules, or of those NAMES; exit 1 when one fires wrongly or stays silent wrongly."""
    own, unusable = catalogue.of_site(context.site.home.path)
    every = {rule.name: rule for rule in (*catalogue.shipped(), *own)}
    if unknown := sorted({*names} - {*every} - {each.name for each in unusable}):
        raise Refusal(N_("There is no rule {names}. sekisho rules list shows all."), names=unknown)
    chosen = [rule for name, rule in every.items() if not names or name in names]
    bad = [each for each in unusable if not names or each.name in names]
    with TemporaryDirectory() as scratch:
        wrong = {rule.name: trial.failures(rule, Path(scratch)) for rule in chosen}
    failed = {name: cases for name, cases in wrong.items() if cases} | {each.name: [each.reason] for each in bad}
    if as_json:
        without = [rule.name for rule in chosen if not rule.tests.fires or not rule.tests.silent]
        say_json({"rules": len(chosen), "failed": failed, "without_examples": without})
    else:
        for name, cases in failed.items():
            say(f"{name}: {', '.join(cases)}")
        words = N_("{rules} rules, {failed} with an example that went wrong.")
        say(filled(words, {"rules": len(chosen), "failed": len(failed)}))
    if failed:
        sys.exit(REFUSED)


@group.command("check")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
@refusals_spoken
def check(file: Path, *, as_json: bool) -> None:
    """Compile the rule in FILE and run its examples, without a site; exit 1 when it can't be used or goes wrong."""
    try:
        rule = catalogue.compile_rule(file.stem, file.read_bytes())
        with TemporaryDirectory() as scratch:
            wrong = trial.failures(rule, Path(scratch))
    except Exception as error:  # noqa: BLE001 - whatever a stranger's rule breaks, the reason is told
        reason = catalogue.reason_of(error)
        if as_json:
            say_json({"ok": False, "reason": reason})
        else:
            say(_("{name} can't be used: {reason}").format(name=file.name, reason=reason))
        sys.exit(REFUSED)
    if as_json:
        say_json({"ok": not wrong, "failed": wrong, **_as_json(rule, own=True), "sql": rule.sql})
    else:
        examples = len(rule.tests.fires) + len(rule.tests.silent)
        words = N_("{name} can be used. {examples} examples, {failed} went wrong.")
        say(_(words).format(name=file.name, examples=examples, failed=len(wrong)))
        for each in wrong:
            say(f"  {each}")
    if wrong:
        sys.exit(REFUSED)
