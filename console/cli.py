"""The command ``sekisho``: without a subcommand the console itself, or the status where there is no terminal."""

import os
import sys
from importlib import import_module
from pathlib import Path

import click

from console import home as homes
from console import translation
from console.commands.opening import Context
from console.commands.words import said_in_both, speaking

_COMMANDS = {
    "accounts": ("console.commands.accounts", "group"),
    "backups": ("console.commands.backups", "group"),
    "controls": ("console.commands.controls", "group"),
    "demo": ("console.commands.demo", "demo"),
    "custody": ("console.commands.custody", "group"),
    "doctor": ("console.commands.site", "doctor"),
    "findings": ("console.commands.findings", "group"),
    "forms": ("console.commands.forms", "group"),
    "init": ("console.commands.site", "init"),
    "linkage": ("console.commands.linkage", "group"),
    "locks": ("console.commands.locks", "group"),
    "logs": ("console.commands.logs", "group"),
    "media": ("console.commands.media", "group"),
    "papers": ("console.commands.papers", "group"),
    "people": ("console.commands.people", "group"),
    "registry": ("console.commands.registry", "group"),
    "requests": ("console.commands.requests", "group"),
    "rules": ("console.commands.rules", "group"),
    "rosters": ("console.commands.rosters", "group"),
    "reviews": ("console.commands.reviews", "group"),
    "sessions": ("console.commands.sessions", "group"),
    "status": ("console.commands.site", "status"),
    "tasks": ("console.commands.tasks", "group"),
    "tick": ("console.commands.site", "tick"),
    "trail": ("console.commands.trail", "group"),
}


class _Commands(click.Group):
    """The subcommands, each imported only when it is used, so that the console starts at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name]
        return speaking(getattr(import_module(module), name))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            translation.choose(_language(_asked_for(args)))
        except translation.CataloguesMissingError as missing:  # said in both languages: nobody chose English
            words = said_in_both(translation.NOT_COMPILED).format(**missing.fields)
            raise click.ClickException(words) from missing
        speaking(self)
        return super().parse_args(ctx, args)


def _asked_for(arguments: list[str]) -> str | None:
    """Return the language that ``--lang`` names, so that even what is wrong with the options is said in it."""
    for at, argument in enumerate(arguments):
        name, _equals, value = argument.partition("=")
        if name == "--lang":
            chosen = value or "".join(arguments[at + 1 : at + 2])
            return chosen if chosen in translation.LANGUAGES else None
    return None


def _language(chosen: str | None) -> str:
    """Return the language to speak: the chosen one, or the locale's; Japanese where nothing is said."""
    if chosen:
        return chosen
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "en" if locale.startswith("en") else "ja"


@click.group(cls=_Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--home", type=click.Path(path_type=Path), help="The site's folder; SEKISHO_HOME if not given.")
@click.option("--lang", type=click.Choice(translation.LANGUAGES), help="The language to speak.")
@click.option("--glyphs", type=click.Choice(["unicode", "cp437", "ascii"]), help="What the terminal can draw.")
@click.version_option(package_name="sekisho")
@click.pass_context
def main(context: click.Context, home: Path | None, lang: str | None, glyphs: str | None) -> None:
    """Sekisho: the operations console of a resident registry's server room."""
    context.obj = Context(home or homes.default_path())
    context.call_on_close(context.obj.tell_damage)
    if context.invoked_subcommand is not None:
        return
    if sys.stdin.isatty() and sys.stdout.isatty():
        from console.commands.screen import run

        run(context.obj, language=lang, glyphs=glyphs)
    else:
        from console.commands.site import show_status

        show_status(context.obj.site, as_json=False)
