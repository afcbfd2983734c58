"""How every command answers: JSON on request, otherwise plain lines; refusals on standard error with exit 1."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from enum import Enum
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar

import click

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from console.text import cells, safe_text
from console.translation import _, filled, render

REFUSED = 1
_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

json_option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")


def refusals_spoken(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """Turn a ``Refusal``, or what the system refuses, into its sentence on standard error and exit 1."""

    @wraps(function)
    def call(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        try:
            return function(*args, **kwargs)
        except Refusal as refusal:
            fail(render(refusal))
        except BrokenPipeError:
            raise  # whoever read the answer has read enough
        except UnicodeEncodeError:  # octets of the command line that are no text, as in a file name in Shift_JIS
            words = N_("A name here is not written in UTF-8. Rename the file, or set the terminal to UTF-8.")
            fail(_(words))
        except OSError as error:
            words = N_("The operating system refuses it: {reason}. Check the name and the rights, then try again.")
            fail(filled(words, {"reason": str(error)}))

    return call


def fail(sentence: str) -> NoReturn:
    """Say on standard error why nothing was done, and exit 1."""
    click.echo(f"sekisho: {sentence}", err=True)
    sys.exit(REFUSED)


def _plain(value: object) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence):
        return list(value)
    raise TypeError(f"no JSON form for {type(value).__name__}")


def say_json(value: object) -> None:
    """Write one JSON value to standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, default=_plain, indent=2))


def minute(instant: datetime, zone: tzinfo) -> str:
    """Return an instant to the minute in the site's zone."""
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M}"


def say(line: str = "") -> None:
    """Write one line, made safe for the terminal."""
    click.echo(safe_text(line))


def say_aside(line: str) -> None:
    """Write one line to standard error, made safe: what people should see beside an answer that scripts read."""
    click.echo(safe_text(line), err=True)


def say_table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write rows under headings, each column as wide as its widest cell."""
    texts = [[_(heading) for heading in headings], *([safe_text(cell) for cell in row] for row in rows)]
    widths = [max(cells(row[column]) for row in texts) for column in range(len(headings))]
    for row in texts:
        line = "  ".join(text + " " * (width - cells(text)) for text, width in zip(row, widths, strict=True))
        click.echo(line.rstrip())
