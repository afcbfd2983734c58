"""What the managed systems are called by the people of the site; a system without a title goes by its name."""

from collections.abc import Callable
from functools import partial

from console.facts import REGISTER
from console.system_settings import RegisterSystem
from console.text import draws_kanji
from console.wiring import Installation


def title_of(site: Installation, name: str) -> str:
    """Return the title that the settings give a system, the register's also by the name that its log has."""
    for each in site.settings.systems:
        if (each.name == name or (name == REGISTER and isinstance(each, RegisterSystem))) and each.title:
            return each.title if draws_kanji() or each.title.isascii() else name
    return name


def titles(site: Installation) -> Callable[[str], str]:
    """Return what tells the title of a system of ``site``."""
    return partial(title_of, site)


def in_full(site: Installation, name: str) -> str:
    """Return title and name, as details show a system: commands and logs know it by its name."""
    title = title_of(site, name)
    return f"{title} ({name})" if title != name else name


def id_named(site: Installation, name: str, user_id: str) -> str:
    """Return a user ID with the title of its system, as it is named to people."""
    return f"{title_of(site, name)} / {user_id}"
