"""Asking whoever executes, at the terminal, before something runs and before rows are committed; ``--yes`` answers."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import click

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.sessions import ledger
from console.commands.output import say_aside
from console.maintenance_sessions import asking
from console.translation import _, ngettext
from console.wiring import Installation

_LOOK_SECONDS = 0.2


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


@contextmanager
def second_person_called(site: Installation, request: str) -> Iterator[None]:
    """While a request is executed, tell which session of it waits for its second person, and how they come in."""
    over = threading.Event()

    def call() -> None:
        while not over.wait(_LOOK_SECONDS):
            waiting = [each for each in ledger.listed(site.store, request=request, running=True) if each.moderated]
            if waiting:
                words = _(
                    "{id} needs its second person, who runs this elsewhere: sekisho sessions watch {id} --as LOGIN"
                )
                say_aside(words.format(id=waiting[0].id))
                return

    caller = threading.Thread(target=call, daemon=True)
    caller.start()
    try:
        yield
    finally:
        over.set()
        caller.join(_LOOK_SECONDS * 10)


def before_commit(*, yes: bool) -> AbstractContextManager[None]:
    """Have whoever executes see how many rows a statement touched, inside its transaction, before it is committed.

    Where nobody can be asked and ``yes`` was not said, it is taken back.
    """

    def confirm(sql: str, rows: int) -> bool:
        say_aside(sql)
        words = ngettext(
            "{rows} row was touched, and nothing is committed yet. Commit?",
            "{rows} rows were touched, and nothing is committed yet. Commit?",
            rows,
        )
        question = words.format(rows=f"{rows:,}")
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
