"""The terminal at which somebody tries the demo."""

from accesscontrol.people import terminals
from accesscontrol.people.operators import SYSTEM
from accesscontrol.people.terminals import Terminal, TerminalPlace
from console.wiring import Installation

_HERE = "server-room-here"


def register_here(site: Installation) -> None:
    """Enter the terminal in use as one in the demo's server room, so that anyone can try it anywhere."""
    fact = terminals.present_fact()
    if terminals.find_by_fact(site.store, fact) is None:
        with site.store.transaction() as tx:
            if terminals.find_by_fact(tx, fact) is None:  # another console of this host may just have entered it
                name = f"{_HERE}-{len(terminals.every(tx))}"
                terminals.register(tx, Terminal(name=name, place=TerminalPlace.SERVER_ROOM, fact=fact), actor=SYSTEM)
