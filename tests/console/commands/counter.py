"""Calling commands on the small demo city, at its hour, as one of its people."""

import json
import os

import click
from click.testing import CliRunner, Result

from console.commands.context import Context
from tests.console.city import City


def ask(city: City, command: click.Command, *arguments: object) -> Result:
    """Run a command that needs nobody signed in."""
    context = Context(city.home)
    context.__dict__["site"] = city.site
    return CliRunner().invoke(command, [str(each) for each in arguments], obj=context)


def ask_as(city: City, login: str, command: click.Command, *arguments: object, code: str = "") -> Result:
    """Run a command as a person, with both factors read from a descriptor."""
    reading, writing = os.pipe()
    try:
        os.write(writing, json.dumps({"password": city.password(login), "code": code or city.code(login)}).encode())
        os.close(writing)
        return ask(city, command, *arguments, "--as", login, "--credentials-fd", reading)
    finally:
        os.close(reading)
