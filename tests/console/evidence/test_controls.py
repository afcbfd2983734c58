"""The controls say no more than what is true: each names what exists, and each guard is a test that exists."""

import ast
import importlib
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from accesscontrol.people.roles import Role
from accesscontrol.refusals import Refusal
from console.evidence import holders
from console.evidence.controls import PACKAGE_TITLES, Control, Kind, every, get, printed_role
from console.evidence.in_force import GUARDS, Guard, Standing
from console.evidence.kept import SEALED
from console.trail_words import ACT_TITLES
from monitors.rules.catalogue import shipped
from registry.tasks.catalogue import CATALOGUE
from tests.console.town import Town

ROOT = Path(__file__).resolve().parents[3]


@cache
def names_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return frozenset(
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    )


def test_there_are_130_controls_each_with_its_place_in_the_assessment() -> None:
    found = every()
    assert len(found) == len({each.id for each in found}) == 130
    assert Counter(each.kind for each in found) == {
        Kind.ENFORCED: 59, Kind.RECORDED: 38, Kind.DETECTED: 25, Kind.ATTESTED: 8,
    }  # fmt: skip
    for each in found:
        assert each.source
        assert each.requirement
        assert each.acceptance
        assert each.title("ja") != each.title("en")
        assert each.package in PACKAGE_TITLES


def test_where_a_control_stands_is_told_in_both_languages() -> None:
    assert get("AC-USR-02").places("en") == "III-3 risk 2 issue and revocation, file 1"
    assert get("AC-USR-02").places("ja") == "III-3 リスク 2 発効・失効の管理、ファイル 1"
    for each in every():
        assert not re.search("[a-z]{2}", each.places("ja")), each.places("ja")


def test_roles_are_named_as_the_assessment_prints_them() -> None:
    names = {role for each in every() for role in each.roles}
    assert names <= {role.value for role in Role} | {"system"}
    assert all(printed_role(name) != name for name in names)


CLAIMED = {control: guard for control, guard in GUARDS.items() if guard.standing is not Standing.NOT_YET}
ID = re.compile(r"\b(?:AC|MO|BK|RG|CO)-[A-Z]{3}-[0-9]{2}\b")


@pytest.mark.parametrize(("control", "guard"), CLAIMED.items(), ids=list(CLAIMED))
def test_whatever_is_claimed_is_guarded_by_a_test_that_exists(control: str, guard: Guard) -> None:
    assert get(control).standing is guard.standing is not Standing.NOT_YET
    assert guard.extent
    assert guard.tests
    for test in guard.tests:
        file, _, name = test.partition("::")
        assert (ROOT / file).is_file(), file
        assert name in names_in(file), test


def test_every_control_is_answered_once_and_whatever_is_not_whole_says_what_is_done_by_hand() -> None:
    assert Counter(each.id for each in every()) == Counter(list(GUARDS))
    for control, guard in GUARDS.items():
        if guard.standing is not Standing.IN_FORCE:
            assert guard.by_hand, control
        if guard.standing is Standing.NOT_YET:
            assert (guard.extent, guard.by, guard.acts, guard.tests) == ("", (), (), ()), control


def test_no_control_is_named_by_two_parts_of_the_table() -> None:
    from console.evidence.guards import keeping, logs, office, people, register, user_ids

    parts = (people, user_ids, logs, keeping, register, office)
    assert sum(len(part.GUARDS) for part in parts) == len(GUARDS)


def test_what_is_said_to_keep_a_control_can_be_imported_and_its_acts_are_written_by_the_program() -> None:
    for control, guard in CLAIMED.items():
        for path in guard.by:
            module, _, name = path.partition(":")
            found = importlib.import_module(module)
            assert not name or hasattr(found, name), (control, path)
        assert set(guard.acts) <= {*ACT_TITLES, SEALED}, control


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return Town.copied_to(tmp_path_factory.mktemp("controls"))


def test_what_is_claimed_names_something_of_the_program_and_detection_names_what_detects(town: Town) -> None:
    detectors = {holders.RULE, holders.CHECK, holders.TASK}
    for control in (get(each) for each in CLAIMED):
        found = list(holders.holders(town.site, control))
        assert found, control.id
        if control.kind is Kind.DETECTED:
            detected = any(sort in detectors for sort, _name in found)
            assert detected or control.id in controls_raised(), control.id


@cache
def sources() -> dict[str, str]:
    """Return the program's own files in which controls are named, all but the list of controls itself."""
    folders = ("accesscontrol", "monitors", "backups", "registry", "console")
    files = (
        file for folder in folders for ending in ("py", "yml", "toml") for file in (ROOT / folder).rglob(f"*.{ending}")
    )
    return {str(file.relative_to(ROOT)): file.read_text("utf-8") for file in files}


def controls_raised() -> set[str]:
    """Return the controls about which the console itself raises findings, without a rule file."""
    return set(ID.findall(sources()["console/overdue.py"])) | set(ID.findall(sources()["console/maintenance.py"]))


def test_every_control_that_the_program_names_exists() -> None:
    known = {each.id for each in every()}
    named = {(file, found) for file, text in sources().items() for found in ID.findall(text)}
    assert len(named) > 200
    assert {each for each in named if each[1] not in known} == set()


def test_what_refuses_a_request_a_rule_and_a_task_name_controls_that_exist(town: Town) -> None:
    known = {each.id for each in every()}
    for rule in shipped():
        assert rule.controls, rule.name
        assert set(rule.controls) <= known, rule.name
    for task in CATALOGUE.values():
        assert task.controls, task.name
        assert set(task.controls) <= known, task.name
    for kind in town.site.kinds.values():
        assert kind.controls, kind.name
        assert set(kind.controls) <= known, kind.name


def test_a_rules_tags_are_its_controls() -> None:
    for file, text in sources().items():
        if file.startswith("monitors/rules/shipped/"):
            tags = {tag.upper() for tag in re.findall(r"- control\.([a-z]{2}-[a-z]{3}-[0-9]{2})", text)}
            (listed,) = re.findall(r"^  controls: \[(.*)\]$", text, re.MULTILINE)
            assert tags == set(listed.split(", ")), file


def test_a_control_is_found_whatever_its_case_and_an_unknown_one_refused() -> None:
    assert get("ac-aut-01").id == "AC-AUT-01"
    with pytest.raises(Refusal):
        get("AC-AUT-99")


@pytest.mark.parametrize("control", every(), ids=lambda control: control.id)
def test_a_control_says_in_japanese_all_that_it_says_in_english(control: Control) -> None:
    english, japanese = control.words("en"), control.words("ja")
    assert len(japanese.acceptance) == len(english.acceptance)
    assert (japanese.cadence is None) == (english.cadence is None)
    assert bool(japanese.differences) == bool(english.differences)
    asked = [*japanese.acceptance, *([japanese.differences] if japanese.differences else [])]
    if japanese.cadence:
        asked += [japanese.cadence.stated, japanese.cadence.default]
    for sentence in (japanese.requirement, *asked):
        assert re.search("[\u3041-\u30fa\u4e00-\u9fff]|^[0-9]+", sentence), sentence
        assert not re.search(r"(?:[a-z]+ ){2}[a-z]+", sentence), sentence
