"""``python -m console`` is the command ``sekisho``."""

from console.cli import main

main(prog_name="sekisho")
