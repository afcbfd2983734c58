"""The first screen does not wait for engines that it does not need."""

import subprocess
import sys


def test_the_heavy_engines_are_imported_only_where_they_are_used() -> None:
    script = (
        f"import sys; sys.path[:0] = {sys.path!r}\n"
        "import monitors.events.imports, monitors.events.paging, monitors.events.verify\n"
        "import monitors.findings.detection, monitors.rules.catalogue\n"
        "print(sorted({'duckdb', 'sigma', 'pandas', 'pyarrow', 'multiprocessing.pool'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"
