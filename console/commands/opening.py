"""The options before a command's name, and the site to which they lead, opened when it is first needed."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from console.wiring import Installation


@dataclass(frozen=True)
class Context:
    """The options before the command's name."""

    home: Path

    @cached_property
    def site(self) -> "Installation":
        """The site in the folder that was named."""
        from console.wiring import open_site

        return open_site(self.home)

    def tell_damage(self) -> None:
        """Say on standard error which rows of the database were damaged and passed over, whatever the command was."""
        site: Installation | None = self.__dict__.get("site")
        if site is not None and "store" in site.__dict__ and site.store.damage:
            from console.commands.output import say_aside
            from console.status import damaged

            for sentence in damaged(site):
                say_aside(f"sekisho: {sentence}")


pass_context = click.make_pass_decorator(Context)
