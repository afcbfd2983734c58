"""Loading rule files: what each one says to people, and its compiled SQL."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
import yaml

from monitors.events.enrichment import VIEW, VIEW_NAMES

if TYPE_CHECKING:
    from sigma.rule import SigmaRule

_SHIPPED: Final = "monitors.rules.shipped"
_NAME: Final = re.compile(r"\w+")
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}

Severity = Literal["informational", "low", "medium", "high", "critical"]


class Trial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule's own examples: lists of events (columns of the view) of which each list must, or must not, fire."""

    fires: list[list[dict[str, Any]]]
    silent: list[list[dict[str, Any]]]


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The part of a rule file that is ours: the custom attribute ``sekisho`` of the rule that raises findings.

    ``waits`` is how long after an event it can be told that something is missing; so far back each run looks again.
    """

    version: int
    controls: list[str]
    title_ja: str
    explanation: str
    explanation_ja: str
    falsepositives_ja: list[str] = []
    by: list[str] = []
    merge: str = "12h"
    waits: str = "0s"
    tests: Trial


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One detection rule, ready to run. ``span``, ``merge`` and ``waits`` are milliseconds; texts are English msgids.

    ``reads`` are the columns that its conditions need.
    """

    name: str
    version: int
    sha256: str
    title: str
    title_ja: str
    description: str
    severity: Severity
    controls: tuple[str, ...]
    explanation: str
    explanation_ja: str
    falsepositives: tuple[str, ...]
    falsepositives_ja: tuple[str, ...]
    by: tuple[str, ...]
    span: int
    merge: int
    waits: int
    reads: frozenset[str]
    sql: str
    tests: Trial


@dataclass(frozen=True, slots=True)
class Unusable:
    """A rule file that can't be compiled, with the reason as the parser tells it."""

    name: str
    reason: str


@cache
def shipped() -> tuple[Rule, ...]:
    """Return the rules that ship with the product. A shipped rule that can't be compiled is a fault: it raises."""
    found = sorted(files(_SHIPPED).iterdir(), key=lambda file: file.name)
    return tuple(compile_rule(file.name[:-4], file.read_bytes()) for file in found if file.name.endswith(".yml"))


def of_site(home: Path) -> tuple[list[Rule], list[Unusable]]:
    """Return the rules in the site's own folder ``rules``, and those that can't be used with the reason."""
    folder = home / "rules"
    good: list[Rule] = []
    bad: list[Unusable] = []
    for path in sorted(folder.glob("*.yml")) if folder.is_dir() else ():
        try:
            good.append(compile_rule(path.stem, path.read_bytes()))
        except Exception as error:  # noqa: BLE001 - whatever a stranger's rule breaks, it is listed with the reason
            bad.append(Unusable(path.stem, reason_of(error)))
    return good, bad


def reason_of(error: Exception) -> str:
    """Return why a rule can't be used, as the parser tells it."""
    return f"{type(error).__name__}: {error}"[:300]


def compile_rule(name: str, data: bytes) -> Rule:
    """Compile one rule file: a Sigma rule, or several of which the last one raises findings.

    A rule of someone else, without the part ``sekisho``, is taken with its own title and grouped by system and account.
    Raises what pySigma raises, ``ValueError`` or ``msgspec.ValidationError``.
    """
    from sigma.collection import SigmaCollection
    from sigma.correlations import SigmaCorrelationRule

    from monitors.rules import correlations

    documents = [each for each in yaml.safe_load_all(data.decode("utf-8")) if each]
    collection = SigmaCollection.from_dicts(documents)
    collection.resolve_rule_references()
    final = collection.rules[-1] if len(documents) == 1 else _named(collection.rules, documents[-1])
    words = msgspec.convert(documents[-1].get("sekisho", _foreign(documents[-1])), Words)
    grouped = correlations.group_of(final) if isinstance(final, SigmaCorrelationRule) else []
    by = words.by or grouped or ["system", "user_id"]
    if unknown := set(by) - set(VIEW_NAMES):
        raise ValueError(f"by: {', '.join(sorted(unknown))}")
    return Rule(
        name=name,
        version=words.version,
        sha256=hashlib.sha256(data).hexdigest(),
        title=str(final.title),
        title_ja=words.title_ja,
        description=str(final.description or ""),
        severity=_severity(final),
        controls=tuple(words.controls),
        explanation=words.explanation,
        explanation_ja=words.explanation_ja,
        falsepositives=tuple(str(each) for each in final.falsepositives or ()),
        falsepositives_ja=tuple(words.falsepositives_ja),
        by=tuple(by),
        span=_span(final),
        merge=_milliseconds(words.merge),
        waits=_milliseconds(words.waits),
        reads=frozenset(by) | _reads(final),
        sql=_sql(final),
        tests=words.tests,
    )


def _named(rules: Sequence[Any], document: Mapping[str, Any]) -> Any:
    """Return the parsed rule of ``document``: pySigma orders rules by their references, not as they stand."""
    return next(rule for rule in rules if rule.title == document.get("title"))


def _foreign(document: Mapping[str, Any]) -> dict[str, Any]:
    title = str(document.get("title", ""))
    return {
        "version": 1,
        "controls": [],
        "title_ja": title,
        "explanation": title,
        "explanation_ja": title,
        "tests": {"fires": [], "silent": []},
    }


def _severity(rule: Any) -> Severity:
    level: Severity = msgspec.convert(rule.level.name.lower() if rule.level else "medium", Severity)
    return level


def _milliseconds(text: str) -> int:
    return int(text[:-1]) * _UNITS[text[-1]] * 1000


def _span(rule: Any) -> int:
    """Return how far back a rule looks: its own span and those of the correlations that it refers to."""
    if not hasattr(rule, "timespan"):
        return 0
    return int(rule.timespan.seconds) * 1000 + max(_span(each.rule) for each in rule.rules)


def _reads(rule: Any) -> set[str]:
    """Return the columns that the conditions of ``rule`` may need: rather one too many than one too few."""
    if not hasattr(rule, "timespan"):
        return set(_NAME.findall(condition(rule))) & set(VIEW_NAMES)
    from monitors.rules.backend import column_of

    field = getattr(rule.condition, "fieldref", None)
    told = [*(rule.group_by or ()), *([field] if isinstance(field, str) else [])]
    own = {column_of(name) for name in told}
    return own.union(*(_reads(each.rule) for each in rule.rules or ()))


def _sql(rule: Any) -> str:
    from sigma.correlations import SigmaCorrelationRule

    from monitors.rules import correlations

    if not isinstance(rule, SigmaCorrelationRule):
        return f"SELECT *, 1 AS hit FROM {VIEW} WHERE {condition(rule)}"  # noqa: S608 - the backend quotes
    columns = ", ".join(VIEW_NAMES)
    return correlations.statement(
        rule,
        # names of ours
        [f"SELECT {columns} FROM ({_sql(each.rule)}) AS base WHERE hit = 1" for each in rule.rules or ()],  # noqa: S608
    )


def condition(rule: "SigmaRule") -> str:
    """Return the WHERE condition of a Sigma rule."""
    from monitors.rules.backend import PortableBackend

    rule._output = True  # noqa: SLF001 - a rule that a correlation refers to is not converted otherwise
    converted: Iterable[str] = PortableBackend().convert_rule(rule)
    return " OR ".join(f"({each})" for each in converted)
