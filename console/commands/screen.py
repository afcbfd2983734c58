"""Starting the console on this terminal."""

import os
import sys

from console import home as homes
from console import settings as site_settings
from console import terminal
from console.commands.opening import Context
from console.commands.output import REFUSED, refusals_spoken


@refusals_spoken
def run(context: Context, *, language: str | None, glyphs: str | None) -> None:
    """Run the console until its person quits, and exit with its code."""
    homes.open_home(context.home)
    settings = site_settings.read(context.home)
    profile = terminal.probe(language=language, glyphs=glyphs)
    terminal.prepare_environment(os.environ, profile)
    from console.application import build
    from console.demo.people import demo_people
    from console.doorway import Doorway
    from console.frame.running import run as run_app

    demo = settings.site.demo
    app = build(Doorway(context.home, demo=demo), settings, profile=profile, people=demo_people() if demo else ())
    code = run_app(app)
    sys.exit(code or (REFUSED if app.parting else 0))  # words are left when the site could not be opened
