"""``sekisho demo``: build the demo city, and open the console on it."""

import sys
from pathlib import Path

import click

from accesscontrol.clock import SystemClock
from console.commands.opening import Context, pass_context
from console.commands.output import refusals_spoken, say
from console.translation import _, language

_DEMO_HOME = Path("demo-city")


@click.command("demo")
@click.option("--home", type=click.Path(path_type=Path), help="The demo's folder; it is replaced.")
@click.option("--residents", type=click.IntRange(10, 4_000_000), default=1000, show_default=True)
@click.option("--days", type=click.IntRange(9, 400), default=30, show_default=True, help="Days of access logs.")
@click.option("--seed", type=int, default=2026, show_default=True)
@click.option("--no-ui", is_flag=True, help="Build it and print the status.")
@click.option("--keep", is_flag=True, help="Open the demo as it was left, if there is one.")
@pass_context
@refusals_spoken
def demo(context: Context, home: Path | None, residents: int, days: int, seed: int, *, no_ui: bool, keep: bool) -> None:
    """Build a city that does not exist and sign in as any of its people."""
    from console.commands.site import show_status
    from console.demo import building
    from console.demo.here import register_here

    path = home or context.home.parent / _DEMO_HOME
    if not (keep and building.is_built(path)):
        wish = building.Wish(residents=residents, days=days, seed=seed)
        building.build(path, wish, now=SystemClock().now(), told=lambda words: say(_(words)))
    opened = Context(path)
    register_here(opened.site)
    if no_ui or not (sys.stdin.isatty() and sys.stdout.isatty()):
        show_status(opened.site, as_json=False)
        say(_("The demo city is in {path}. Open it with: sekisho --home {path}").format(path=path))
        return
    from console.commands.screen import run

    run(opened, language=language(), glyphs=None)
