"""Values of one person that come in a small JSON file, {item: value}: no command line, request or trail has them."""

from pathlib import Path
from typing import Final

import msgspec

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal

Values = dict[str, str | int | None]
_LARGEST: Final = 64 * 1024


def values_in(source: Path) -> Values:
    """Return the values in a file; :class:`Refusal`, which names no value, when it can't be read as such."""
    try:
        data = source.read_bytes()
        if len(data) > _LARGEST:
            raise ValueError("too large")
        return msgspec.json.decode(data, type=Values)
    except (OSError, ValueError, msgspec.MsgspecError):
        raise Refusal(N_("The file must be one JSON object of items and values: {path}."), path=str(source)) from None
