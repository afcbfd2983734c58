"""What systems and parsers say when something fails, so that readers get it in their language.

The operating system and the database say a fixed sentence, the parsers one with values in it and the place behind.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from accesscontrol.messages import N_

SYSTEM_WORDS: Final = (
    N_("No such file or directory"),
    N_("Permission denied"),
    N_("Operation not permitted"),
    N_("No space left on device"),
    N_("Is a directory"),
    N_("File name too long"),
    N_("Not a directory"),
    N_("File exists"),
    N_("Read-only file system"),
    N_("Input/output error"),
    N_("Directory not empty"),
    N_("Device or resource busy"),
    N_("Connection refused"),
    N_("Connection reset by peer"),
    N_("No route to host"),
    N_("Broken pipe"),
    N_("timed out"),
    N_("unable to open database file"),
    N_("file is not a database"),
    N_("database is locked"),
    N_("database disk image is malformed"),
    N_("attempt to write a readonly database"),
    N_("database or disk is full"),
    N_("disk I/O error"),
)
# what msgspec, tomllib, json, csv, the codecs, dates and numbers say, and what we say instead; the first that fits
PARSER_WORDS: Final = (
    ("Expected `{wanted}` of length >= {least}", N_("it needs a length of at least {least}")),
    ("Expected `{wanted}` of length <= {most}", N_("it may have a length of {most} at the most")),
    ("Expected `{wanted}` matching regex {form}", N_("it must have the form {form}")),
    ("Expected `{wanted}` >= {least}", N_("it must be at least {least}")),
    ("Expected `{wanted}` <= {most}", N_("it must be at most {most}")),
    ("Expected `{wanted}` > {least}", N_("it must be more than {least}")),
    ("Expected `{wanted}` < {most}", N_("it must be less than {most}")),
    ("Expected `datetime` with a timezone component", N_("the time needs its zone, such as +09:00")),
    ("Expected `{wanted}`, got `{given}`", N_("it must be {wanted}, not {given}")),
    ("Object missing required field `{name}`", N_("{name} is missing")),
    ("Object contains unknown field `{name}`", N_("{name} is not known there")),
    ("Invalid enum value {value}", N_("{value} is none of the possible values")),
    ("Invalid value {value}", N_("{value} is none of the possible values")),
    ("Invalid RFC3339 encoded datetime", N_("it is no time, such as 2026-11-24T09:30:00+09:00")),
    ("Invalid RFC3339 encoded date", N_("it is no day, such as 2026-11-24")),
    ("Invalid RFC3339 encoded time", N_("it is no time of day, such as 09:30:00")),
    ("Invalid isoformat string: {value}", N_("{value} is no day or time, such as 2026-11-24")),
    ("invalid literal for int() with base 10: {value}", N_("{value} is no number")),
    ("could not convert string to float: {value}", N_("{value} is no number")),
    ("day is out of range for month", N_("there is no such day")),
    ("month must be in 1..12", N_("there is no such month")),
    ("No time zone found with key {name}", N_("there is no time zone {name}")),
    ("Input data was truncated", N_("it is cut off")),
    ("JSON is malformed: {what}", N_("it is no JSON")),
    ("Extra data", N_("it goes on after its end")),
    ("Expecting value", N_("it is no JSON")),
    ("Expecting property name enclosed in double quotes", N_("it is no JSON: names stand in double quotes")),
    ("Expecting ',' delimiter", N_("a comma is missing")),
    ("Expecting ':' delimiter", N_("a colon is missing")),
    ("Unterminated string starting at", N_("a closing quotation mark is missing")),
    ("Unterminated string", N_("a closing quotation mark is missing")),
    ("Unclosed array", N_("a closing bracket is missing")),
    ("Unclosed inline table", N_("a closing brace is missing")),
    ("Expected '=' after a key in a key/value pair", N_("an equals sign is missing after a name")),
    ("Expected newline or end of document after a statement", N_("something stands behind the end of a statement")),
    ("Expected ']' at the end of a table declaration", N_("a closing bracket is missing")),
    ("Cannot overwrite a value", N_("a name stands twice")),
    ("Cannot declare {name} twice", N_("{name} stands twice")),
    ('Expected "{sign}"', N_("a closing quotation mark is missing")),
    ("Invalid statement", N_("this is neither a name with its value nor a section")),
    ("Invalid value", N_("the value can't be read; a text stands in double quotes")),
    ("Illegal character {value}", N_("the character {value} may not stand there")),
    ("line contains NUL", N_("it is no text: it contains a zero byte")),
    ("field larger than field limit ({most})", N_("a cell is longer than {most} characters")),
    ("unexpected end of data", N_("it ends inside a quoted cell")),
    ("'{sign}' expected after '\"'", N_("something stands behind the closing quotation mark of a cell")),
    ("'{codec}' codec can't decode byte {byte} in position {at}: {what}", N_("it is no text in {codec}")),
    ("'{codec}' codec can't decode bytes in position {at}: {what}", N_("it is no text in {codec}")),
    ("Authentication failed.", N_("the host did not accept the sign-in")),
    ("KeyError: '{name}'", N_("{name} is missing")),
    ("AttributeError: {what}", N_("a line has fewer cells than the first")),
)
TYPE_WORDS: Final = {
    "str": N_("a text"),
    "int": N_("a whole number"),
    "float": N_("a number"),
    "bool": N_("yes or no"),
    "array": N_("a list"),
    "object": N_("a group of named values"),
    "null": N_("nothing"),
    "date": N_("a day"),
    "datetime": N_("a time"),
}
_PLACE = re.compile(
    r" - (?:key in|at) `(?P<path>[^`]*)`$|:? \(?at line (?P<line>\d+), column \d+\)?$|: line (?P<row>\d+) .*$"
    r"| \(at (?P<end>end) of document\)$"
)
_SORT = re.compile(r"^(?!KeyError|AttributeError)\w+(?:Error|Exception): ")
IN_PATH: Final = N_("{fault} (at {place})")
IN_LINE: Final = N_("{fault} (line {place})")
AT_THE_END: Final = N_("{fault} (at the end)")


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    def expression(words: str) -> str:
        pieces = re.split(r"\{(\w+)\}", words)
        return "".join(f"(?P<{each}>.+?)" if at % 2 else re.escape(each) for at, each in enumerate(pieces))

    return tuple((re.compile(expression(theirs), re.DOTALL), ours) for theirs, ours in PARSER_WORDS)


def parsed(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield what a parser said as our msgid with its values, and then where, as far as both are known."""
    bare = _SORT.sub("", text)
    place = _PLACE.search(bare)
    said = bare[: place.start()] if place else bare
    for pattern, ours in _patterns():
        if found := pattern.fullmatch(said):
            yield ours, {name: value.removesuffix(" | null") for name, value in found.groupdict().items()}
            if place:
                line = place["line"] or place["row"]
                words = AT_THE_END if place["end"] else IN_LINE if line else IN_PATH
                yield words, {"place": line or (place["path"] or "").removeprefix("$.")}
            return
