"""Fuzz one reader with atheris, which is not among the project's own requirements.

    python -m venv --system-site-packages FOLDER && FOLDER/bin/pip install atheris
    FOLDER/bin/python -m tests.fuzz syslog -max_total_time=300 -timeout=10

The first word is the target (a format of logs, or ``expression``), the others are libFuzzer's own.
"""

import importlib
import sys
import tempfile
from pathlib import Path
from typing import Any


def main() -> None:
    """Fuzz the target that the command line names, until libFuzzer ends."""
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["monitors"]):
        readers: Any = importlib.import_module("tests.fuzz.readers")
    if len(sys.argv) < 2 or sys.argv[1] not in readers.TARGETS:
        sys.exit(f"usage: python -m tests.fuzz {{{','.join(readers.TARGETS)}}} [libFuzzer's options]")
    target = sys.argv.pop(1)
    with tempfile.TemporaryDirectory() as name:
        folder, corpus = Path(name) / "home", Path(name) / "corpus"
        folder.mkdir()
        corpus.mkdir()
        for number, seed in enumerate(readers.seeds(target)):
            (corpus / str(number)).write_bytes(seed)
        atheris.Setup([*sys.argv, str(corpus)], lambda data: readers.look_at(target, data, folder))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
