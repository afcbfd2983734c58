"""Compile the message catalogues when the package is built.

Hatch runs the hook; ``python hatch_build.py`` does the same in a working tree (``make setup``).
"""

import os
import tempfile
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def compile_catalogues(root: Path) -> list[Path]:
    """Compile every ``.po`` under ``root``/console/locales that is newer than its ``.mo``; return those made.

    A compiled file is put in place whole, so that two processes may do this at once.
    """
    made = []
    for source in sorted((root / "console" / "locales").glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.is_file() and target.stat().st_mtime_ns > source.stat().st_mtime_ns:
            continue
        with source.open("rb") as text:
            catalogue = read_po(text, abort_invalid=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent)
        with os.fdopen(handle, "wb") as compiled:
            write_mo(compiled, catalogue)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(target)
        made.append(target)
    return made


class CatalogueBuildHook(BuildHookInterface[Any]):
    """Puts the compiled catalogues into the wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and name the compiled files, which git ignores, as artefacts of the build."""
        del version
        compile_catalogues(Path(self.root))
        build_data["artifacts"].append("console/locales/**/*.mo")


if __name__ == "__main__":
    for path in compile_catalogues(Path(__file__).parent):
        print(path.relative_to(Path(__file__).parent))  # noqa: T201 - a build says what it made
