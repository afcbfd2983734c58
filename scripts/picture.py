"""Make a PNG picture of what the console shows on a real terminal.

    python -m scripts.picture OUTPUT.png [--size 80x24] [--keys "enter 4 wait:Findings"] -- COMMAND...

runs COMMAND in tmux, presses the keys, and draws the screen: ``wait:TEXT`` waits until TEXT shows, ``type:TEXT``
types it, any other word is a key of tmux (``Enter``, ``Escape``, ``C-l``, ``F10``, ``Down``) or a letter.
The words of a name with spaces are joined by ``_``. Environment variables for COMMAND come before it as
``NAME=VALUE``.

Needs the system's tmux, librsvg2-bin (rsvg-convert), fonts-noto-cjk and fonts-dejavu-core.
"""

import argparse
import html
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pyte
from pyte.screens import Char

from console.text import cells

CELL_WIDTH, CELL_HEIGHT = 10, 20
FONT_SIZE, KANJI_SIZE = 16, 18.5
BACKGROUND, FOREGROUND = "#11161c", "#d6dde4"
SOCKET = f"sekisho-picture-{os.getpid()}"  # a server of its own: several pictures may be made at once
PATIENCE = 60.0  # seconds
NAMED = {
    "black": "#000000", "red": "#cc5555", "green": "#55aa77", "brown": "#d0a040", "blue": "#3465a4",
    "magenta": "#a070a0", "cyan": "#50a0b0", "white": "#d3d7cf", "brightblack": "#555753", "brightred": "#ef6060",
    "brightgreen": "#70d090", "brightbrown": "#f0d060", "brightblue": "#729fcf", "brightmagenta": "#b090b0",
    "brightcyan": "#70d0e0", "brightwhite": "#ffffff",
}  # fmt: skip


def tmux(*arguments: str) -> str:
    """Run tmux on our own server and return what it says."""
    command = ["tmux", "-L", SOCKET, "-f", "/dev/null", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def captured(command: list[str], size: tuple[int, int], keys: list[str]) -> str:
    """Run ``command`` in tmux, press ``keys``, and return its screen with its colours."""
    width, height = size
    environment = ["-e", "COLORTERM=truecolor", "-e", "LANG=C.UTF-8"]
    tmux("new-session", "-d", "-x", str(width), "-y", str(height), *environment, "--", "env", *command)
    try:
        for key in keys:
            press(key)
        settle()
        return tmux("capture-pane", "-epN")
    finally:
        tmux("kill-server")


def press(key: str) -> None:
    """Press one key, or type, or wait."""
    kind, _, words = key.partition(":")
    words = words.replace("_", " ")
    if kind == "wait" and words:
        wait(words)
    elif kind == "type" and words:
        tmux("send-keys", "-l", words)
    else:
        settle()
        tmux("send-keys", key)


def wait(words: str) -> None:
    """Wait until the screen shows ``words``."""
    end = time.monotonic() + PATIENCE
    while words not in tmux("capture-pane", "-p"):
        if time.monotonic() > end:
            raise SystemExit(f"the screen never showed {words!r}:\n{tmux('capture-pane', '-p')}")
        time.sleep(0.1)


def settle() -> None:
    """Wait until the screen stays as it is."""
    before = ""
    while (now := tmux("capture-pane", "-ep")) != before or not now.strip():
        before = now
        time.sleep(0.8)


def drawn(captured_screen: str, size: tuple[int, int]) -> str:
    """Return the captured screen as SVG, each character at its own cell."""
    width, height = size
    screen = pyte.Screen(width, height)
    # pyte knows no undercurl, no colon parameters and no variation selectors
    plain = re.sub("[\U000e0100-\U000e01ef]", "", captured_screen)
    plain = re.sub(r"\x1b\[([\d:;]*)m", lambda found: f"\x1b[{found.group(1).replace(':', ';')}m", plain)
    pyte.Stream(screen).feed(plain.rstrip("\n").replace("\n", "\r\n"))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width * CELL_WIDTH}" height="{height * CELL_HEIGHT}">',
        f'<rect width="100%" height="100%" fill="{BACKGROUND}"/>',
    ]
    for row in range(height):
        for column in range(width):
            parts.extend(cell(screen.buffer[row][column], column, row))
    return "\n".join([*parts, "</svg>"])


def cell(char: Char, column: int, row: int) -> Iterator[str]:
    """Yield the background and the glyph of one cell."""
    if not char.data:
        return
    front, back = colour(char.fg, FOREGROUND), colour(char.bg, BACKGROUND)
    if char.reverse:
        front, back = back, front
    wide = max(1, cells(char.data))
    x, y = column * CELL_WIDTH, row * CELL_HEIGHT
    if back != BACKGROUND:
        yield f'<rect x="{x}" y="{y}" width="{wide * CELL_WIDTH}" height="{CELL_HEIGHT}" fill="{back}"/>'
    if line := LINES.get(char.data):
        yield f'<path transform="translate({x},{y})" d="{line}" stroke="{front}" fill="none"/>'
    elif char.data in BLOCKS:
        top = int(CELL_HEIGHT * (1 - BLOCKS[char.data]))
        yield f'<rect x="{x}" y="{y + top}" width="{CELL_WIDTH}" height="{CELL_HEIGHT - top}" fill="{front}"/>'
    elif char.data.strip():
        font, size = ("Noto Sans Mono CJK JP", KANJI_SIZE) if wide > 1 else ("DejaVu Sans Mono", FONT_SIZE)
        weight = "bold" if char.bold else "normal"
        yield (
            f'<text x="{x}" y="{y + 15}" font-family="{font}" font-size="{size}" font-weight="{weight}"'
            f' fill="{front}">{html.escape(char.data)}</text>'
        )


LINES = {
    "─": "M0 10H10", "│": "M5 0V20", "┌": "M10 10H5V20", "┐": "M0 10H5V20", "└": "M5 0V10H10", "┘": "M0 10H5V0",
    "├": "M5 0V20M5 10H10", "┤": "M5 0V20M5 10H0", "┬": "M0 10H10M5 10V20", "┴": "M0 10H10M5 10V0",
    "┼": "M0 10H10M5 0V20",
}  # fmt: skip
BLOCKS = {block: (step + 1) / 8 for step, block in enumerate("▁▂▃▄▅▆▇█")}


def colour(name: str, default: str) -> str:
    """Return pyte's name of a colour as SVG writes it."""
    if name == "default":
        return default
    return NAMED.get(name, f"#{name}")


def main() -> int:
    """Make the picture that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--size", default="80x24")
    parser.add_argument("--keys", default="")
    parser.add_argument("command", nargs="+")
    chosen = parser.parse_args()
    missing = [name for name in ("tmux", "rsvg-convert") if not shutil.which(name)]
    if missing:
        raise SystemExit(
            f"{', '.join(missing)} is missing: apt-get install tmux librsvg2-bin fonts-noto-cjk fonts-dejavu-core"
        )
    width, height = (int(number) for number in chosen.size.split("x"))
    svg = drawn(captured(chosen.command, (width, height), chosen.keys.split()), (width, height))
    subprocess.run(["rsvg-convert", "-o", str(chosen.output)], input=svg, text=True, check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
