"""Names of persons made comparable: a name alone never decides, but it proposes (the staff number is the person)."""

import re
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Final

_SELECTORS: Final = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")  # which shape of a kanji is drawn


def fold_name(name: str) -> str:
    """Return ``name`` in compatible form (NFKC), without spaces, case, and the variants in which kanji are written."""
    plain = "".join(unicodedata.normalize("NFKC", _SELECTORS.sub("", name)).split())
    return plain.translate(_variants()).casefold()


@cache
def _variants() -> dict[int, str]:
    lines = files("accesscontrol.accounts").joinpath("variant_kanji.txt").read_text("utf-8").splitlines()
    groups = [line for line in lines if line and not line.startswith("#")]
    return {ord(variant): group[0] for group in groups for variant in group[1:]}
