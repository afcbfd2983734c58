"""Calling commands as a person does: on a site of one's own, with credentials from a file descriptor."""

import json
import os
from typing import Any

import click
from click.testing import CliRunner, Result

from console.commands.context import Context
from tests.console.town import PASSWORD, Town


def context(town: Town) -> Context:
    """Return the context of commands on the town's site, at the town's hour."""
    found = Context(town.home)
    found.__dict__["site"] = town.site
    return found


def call(town: Town, command: click.Command, *arguments: object) -> Result:
    """Run a command that needs nobody signed in."""
    return CliRunner().invoke(command, [str(each) for each in arguments], obj=context(town))


def call_as(town: Town, login: str, command: click.Command, *arguments: object, password: str = PASSWORD) -> Result:
    """Run a command as a person, with both factors read from a descriptor."""
    reading, writing = os.pipe()
    try:
        os.write(writing, json.dumps({"password": password, "code": town.code(login)}).encode())
        os.close(writing)
        return call(town, command, *arguments, "--as", login, "--credentials-fd", reading)
    finally:
        os.close(reading)


def answer(result: Result) -> Any:
    """Return the JSON that a command that succeeded wrote."""
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)
