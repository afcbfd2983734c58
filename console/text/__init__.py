"""Text as a terminal may see it: made safe, measured in cells, masked, drawn.

``safe_text`` is the only door through which foreign text reaches a widget; ``fit`` is the only way to
make text a given width; ``mask`` hides a name. Nothing here knows Textual.
"""

from console.text.cells import cells, fit, spans, wrap
from console.text.masking import draw_kanji, draws_kanji, mask, shown_name
from console.text.safety import safe_text

__all__ = ["cells", "draw_kanji", "draws_kanji", "fit", "mask", "safe_text", "shown_name", "spans", "wrap"]
