"""The first paint waits for nothing that it does not show."""

import subprocess
import sys

HEAVY = ("duckdb", "numpy", "paramiko", "psycopg", "sigma", "babel", "rich.traceback", "textual.widgets._text_area")


def test_the_frame_imports_no_heavy_library() -> None:
    program = f"import sys, console.frame.running; print([name for name in {HEAVY!r} if name in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_text_dates_and_terminal_know_nothing_of_textual() -> None:
    program = (
        "import sys, console.text, console.dates, console.translation, console.terminal;"
        "print([name for name in sys.modules if name.split('.')[0] in {'textual', 'rich'}])"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
