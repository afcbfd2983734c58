"""A secret that is shown once, to the person who stands at the desk."""

from typing import Final

from textual.content import Content

from accesscontrol.people.secret import Secret
from console.frame.dialogs import MessageDialog
from console.translation import _
from console.widgets.plain import styled

_GROUP: Final = 4


class OnceDialog(MessageDialog):
    """Shows a secret once; a lock, Esc or Enter ends it for good."""

    def __init__(self, login: str, secret: Secret) -> None:
        super().__init__(_("For {login}, once").format(login=login), _once(secret))


def _once(secret: Secret) -> list[str | Content]:
    text = secret.text()
    groups = " ".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP)) if text.isalnum() else text
    return [
        _("Let the person write it down or type it in now."),
        "",
        styled(f"  {groups}", "bold $accent"),
        "",
        _("When this closes, nobody can see it again, you neither."),
    ]
