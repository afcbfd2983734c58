"""An act at the desk: a form that asks for both factors once more, and does it as the person who proved them."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from accesscontrol.requests.desk import Acting
from console.frame.forms import Field, FormDialog
from console.frame.screen import BaseScreen
from console.screens.factors import factor_fields
from console.seat import Seat


async def prove(
    screen: BaseScreen,
    seat: Seat,
    title: str,
    words: Sequence[str],
    fields: Sequence[Field],
    act: str,
    submit: Callable[[dict[str, Any], Acting], Any],
) -> Any:
    """Return what ``submit`` returned, or None; ``act`` is the msgid on the button."""

    def proven(values: dict[str, Any]) -> Any:
        statement = hashlib.sha256(title.encode()).digest()
        seat.step_up(values["password"], values["code"])(statement)
        return submit(values, seat.acting)

    dialog = FormDialog(title, (*fields, *factor_fields(seat)), text=words, act=act, submit=proven)
    return await screen.app.ask(dialog)
