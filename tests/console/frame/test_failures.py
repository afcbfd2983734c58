"""What is kept of a failure names each cause and no value."""

import pytest
from textual.worker import WorkerFailed

from console.frame.app import SekishoApp
from tests.console.demonstration import SECRET


async def test_the_trace_of_a_failed_worker_names_what_failed_in_it(app: SekishoApp) -> None:
    async def fail() -> None:
        raise LookupError(SECRET)

    with pytest.raises(WorkerFailed):
        async with app.run_test():
            await app.run_worker(fail()).wait()
    (path,) = app.site.traces.iterdir()
    text = path.read_text()
    assert text.index("builtins.LookupError") < text.index("which led to") < text.index("WorkerFailed")
    assert SECRET not in text
