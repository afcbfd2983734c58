"""Colours: one calm theme of our own, and the terminal's own sixteen where there are no more.

Blue and orange carry meaning, never red against green, and never colour alone.
"""

from textual.theme import Theme

CALM = Theme(
    name="sekisho",
    primary="#5b9bd5",
    secondary="#8fa8bf",
    accent="#5b9bd5",
    warning="#e8a33d",
    error="#f07f4f",
    success="#7fb8a4",
    foreground="#d6dde4",
    background="#11161c",
    surface="#171d24",
    panel="#1e262f",
    dark=True,
    variables={
        "border": "#3a4a5a",
        "border-blurred": "#2b3743",
        "scrollbar": "#33414f",
        "scrollbar-hover": "#40525f",
        "scrollbar-active": "#5b9bd5",
        "scrollbar-background": "#171d24",
        "scrollbar-background-hover": "#171d24",
        "scrollbar-background-active": "#171d24",
        "scrollbar-corner-color": "#171d24",
        "input-cursor-background": "#d6dde4",
        "input-cursor-foreground": "#11161c",
        "input-selection-background": "#5b9bd5 40%",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-background": "#27496b",
        "block-cursor-text-style": "bold",
        "row-cursor": "#223a53",
        "row-cursor-away": "#1d2731",
    },
)

PLAIN = "ansi-dark"  # Textual's theme over the terminal's own colours
PLAIN_VARIABLES = {"row-cursor": "ansi_blue", "row-cursor-away": "ansi_bright_black"}
