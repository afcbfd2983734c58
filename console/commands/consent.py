"""Asking whoever executes, at the terminal, before something runs and before rows are committed; ``--yes`` answers."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import click

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from console.commands.output import say_aside
from console.maintenance_sessions import asking
from console.translation import _


def yes_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--yes``."""
    return click.option("--yes", is_flag=True, help="Ask nothing: the answer to every question is yes.")(function)


def require(question: str, *, yes: bool) -> None:
    """Ask whether it may begin; raises ``Refusal`` for a no, and where nobody can be asked."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise Refusal(N_("Nobody can be asked here. Run it at a terminal, or say --yes."))
    if not _answered(question):
        raise Refusal(N_("Nothing was run."))


def before_commit(*, yes: bool) -> AbstractContextManager[None]:
    """Have whoever executes see how many rows a statement touched, inside its transaction, before it is committed.

    Where nobody can be asked and ``yes`` was not said, it is taken back.
    """

    def confirm(sql: str, rows: int) -> bool:
        say_aside(sql)
        question = _("{rows} rows were touched, and nothing is committed yet. Commit?").format(rows=f"{rows:,}")
        if yes:
            say_aside(f"{question} --yes")
            return True
        return sys.stdin.isatty() and _answered(question)

    return asking(confirm)


def _answered(question: str) -> bool:
    try:
        return click.confirm(question, default=False, err=True)
    except click.Abort:  # the terminal is gone, or Ctrl+C: that is a no
        return False
