"""Our own small Sigma backend: a rule's condition as SQL that DuckDB, SQLite and PostgreSQL run alike.

The published SQL backends ignore a correlation's time window, compare case-sensitively or leave ``_`` unescaped in
LIKE; here comparisons fold case on both sides (Sigma's rule), and ``!`` escapes in LIKE.
"""

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any, ClassVar, Final

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionItem,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.conversion.base import TextQueryBackend
from sigma.conversion.state import ConversionState
from sigma.types import SigmaCompareExpression, SigmaRegularExpression, SigmaString, SpecialChars

from monitors.events.enrichment import VIEW_COLUMNS
from monitors.events.schema import COLUMNS

# These columns hold folded or fixed words, so the column itself needs no folding.
FOLDED: Final = frozenset({"system", "user_id", "terminal", "action", "outcome", "account_state", "account_kind"})
_NUMBERS: Final = frozenset(column.name for column in VIEW_COLUMNS if column.type != "VARCHAR")
_FIELDS: Final = frozenset(column.name for column in VIEW_COLUMNS)
_ESCAPE: Final = "!"


class UnknownFieldError(ValueError):
    """A rule names a field that events do not have."""


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def column_of(field_name: str) -> str:
    """Return the column that a rule's field means, by its own, its OCSF, its ECS or another usual name.

    Raises ``UnknownFieldError`` for a field that events do not have.
    """
    column = field_name if field_name in _FIELDS else _elsewhere().get(field_name, "")
    if not column:
        raise UnknownFieldError(field_name)
    return column


@cache
def _elsewhere() -> dict[str, str]:
    text = files("monitors.rules").joinpath("fields.toml").read_text(encoding="utf-8")
    named: dict[str, str] = {}
    for column in COLUMNS:
        for name in (column.ocsf, column.ecs):
            if name:
                named.setdefault(name, column.name)
    return named | tomllib.loads(text)


class PortableBackend(TextQueryBackend):
    """Converts conditions; correlations are assembled in ``correlations``."""

    name: ClassVar[str] = "portable SQL"
    formats: ClassVar[dict[str, str]] = {"default": "SQL condition"}
    requires_pipeline: ClassVar[bool] = False
    convert_or_as_in: ClassVar[bool] = False
    convert_and_as_in: ClassVar[bool] = False
    precedence: ClassVar[tuple[type[ConditionItem], type[ConditionItem], type[ConditionItem]]] = (
        ConditionNOT,
        ConditionAND,
        ConditionOR,
    )
    group_expression: ClassVar[str | None] = "({expr})"
    or_token: ClassVar[str] = "OR"  # noqa: S105 - an operator
    and_token: ClassVar[str] = "AND"  # noqa: S105 - an operator
    not_token: ClassVar[str] = "NOT"  # noqa: S105 - an operator
    eq_token: ClassVar[str] = " = "  # noqa: S105 - an operator
    bool_values: ClassVar[dict[bool, str | None]] = {True: "1", False: "0"}
    re_expression: ClassVar[str | None] = "regexp_matches({field}, {regex})"
    compare_op_expression: ClassVar[str | None] = "{field} {operator} {value}"
    compare_operators: ClassVar[dict[Any, str] | None] = {
        SigmaCompareExpression.CompareOperators.LT: "<",
        SigmaCompareExpression.CompareOperators.LTE: "<=",
        SigmaCompareExpression.CompareOperators.GT: ">",
        SigmaCompareExpression.CompareOperators.GTE: ">=",
    }
    field_equals_field_expression: ClassVar[str | None] = "{field1} = {field2}"
    field_null_expression: ClassVar[str | None] = "{field} IS NULL"

    def escape_and_quote_field(self, field_name: str) -> str:
        """Return the column; only columns of the view are allowed, so none needs a quote."""
        return column_of(field_name)

    def convert_condition_field_eq_val_str(
        self, cond: ConditionFieldEqualsValueExpression, state: ConversionState
    ) -> str:
        """Compare a column with text, without regard to case and width, wildcards allowed."""
        del state
        column = self.escape_and_quote_field(cond.field)
        value = cond.value
        if not isinstance(value, SigmaString):
            raise TypeError("a text was expected")
        if column in _NUMBERS:
            if value.contains_special() or not re.fullmatch(r"-?\d{1,18}", str(value)):
                raise ValueError(f"{column} is a number")
            return f"{column} = {int(str(value))}"
        folded = column if column in FOLDED else f"lower({column})"
        return _comparison(folded, value, fold=True)

    def convert_condition_field_eq_val_str_case_sensitive(
        self, cond: ConditionFieldEqualsValueExpression, state: ConversionState
    ) -> str:
        """Compare a column with text exactly as written (modifier ``cased``)."""
        del state
        if not isinstance(cond.value, SigmaString):
            raise TypeError("a text was expected")
        return _comparison(self.escape_and_quote_field(cond.field), cond.value, fold=False)

    def convert_condition_field_eq_val_re(
        self, cond: ConditionFieldEqualsValueExpression, state: ConversionState
    ) -> str:
        """Match a column against a regular expression, case-sensitively unless its ``i`` flag is set."""
        del state
        if not isinstance(cond.value, SigmaRegularExpression):
            raise TypeError("a regular expression was expected")
        flags = "".join(sorted(cond.value.sigma_to_re_flag[flag] for flag in cond.value.flags))
        pattern = (f"(?{flags})" if flags else "") + cond.value.regexp.original
        return f"regexp_matches({self.escape_and_quote_field(cond.field)}, {_literal(pattern)})"

    def convert_condition_val_str(self, cond: ConditionValueExpression, state: ConversionState) -> str:
        """Search a word without a field in what was written."""
        del state
        if not isinstance(cond.value, SigmaString):
            raise TypeError("a text was expected")
        anywhere = SigmaString("*") + cond.value + SigmaString("*")
        return _comparison("lower(detail)", anywhere, fold=True)


def _comparison(column: str, value: SigmaString, *, fold: bool) -> str:
    parts: list[str] = []
    wild = False
    for part in value.s:
        if part in {SpecialChars.WILDCARD_MULTI, SpecialChars.WILDCARD_SINGLE}:
            wild = True
            parts.append("%" if part == SpecialChars.WILDCARD_MULTI else "_")
        elif isinstance(part, str):
            text = _fold(part) if fold else part
            parts.append(re.sub(r"([%_!])", rf"{_ESCAPE}\1", text))
        else:
            raise ValueError("placeholders are not supported")
    if not wild:
        text = "".join(part for part in value.s if isinstance(part, str))
        return f"{column} = {_literal(_fold(text) if fold else text)}"
    return f"{column} LIKE {_literal(''.join(parts))} ESCAPE '{_ESCAPE}'"
