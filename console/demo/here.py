"""The terminal at which somebody tries the demo."""

from accesscontrol.people import terminals
from accesscontrol.people.operators import SYSTEM
from accesscontrol.people.terminals import Terminal, TerminalPlace, TerminalState
from accesscontrol.store import Transaction
from console.wiring import Installation

_HERE = "server-room-here"


def register_here(site: Installation) -> None:
    """Enter the terminal in use as one in the demo's server room, so that anyone can try it anywhere.

    The same entry serves wherever the demo is opened next, unless somebody is signed in at it then.
    """
    fact = terminals.present_fact()
    if terminals.find_by_fact(site.store, fact) is None:
        with site.store.transaction() as tx:
            if terminals.find_by_fact(tx, fact) is None:  # another console of this host may just have entered it
                _enter(tx, fact)


def _enter(tx: Transaction, fact: str) -> None:
    mine = [each for each in terminals.every(tx) if each.name.startswith(_HERE)]
    usable = (each for each in mine if each.state is TerminalState.REGISTERED)
    free = next((each for each in usable if not terminals.in_use(tx, each.name)), None)
    if free is not None:
        terminals.move(tx, free.name, fact, actor=SYSTEM)
        return
    name = f"{_HERE}-{len(mine) + 1}" if mine else _HERE
    terminals.register(tx, Terminal(name=name, place=TerminalPlace.SERVER_ROOM, fact=fact), actor=SYSTEM)
