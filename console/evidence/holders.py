"""What in the program keeps a control: code by its import path, and whatever carries the control's id itself."""

from collections.abc import Iterator
from typing import Final

from console.evidence.controls import Control
from console.wiring import Installation
from monitors.rules.catalogue import shipped
from registry.checks import declared
from registry.tasks.catalogue import CATALOGUE

RULE: Final = "rule"
CHECK: Final = "check"
KIND: Final = "kind"
TASK: Final = "task"
CODE: Final = "code"


def holders(site: Installation, control: Control) -> Iterator[tuple[str, str]]:
    """Yield what keeps ``control``: its sort and its stable name.

    Detection rules, record checks, kinds of request and tasks carry the control themselves; code is named.
    """
    yield from ((RULE, rule.name) for rule in shipped() if control.id in rule.controls)
    checks = declared(site.register_settings()).values()
    yield from ((CHECK, check.id) for check in checks if control.id in check.controls)
    yield from ((KIND, kind.name) for kind in site.kinds.values() if control.id in kind.controls)
    yield from ((TASK, task.name) for task in CATALOGUE.values() if control.id in task.controls)
    yield from ((CODE, path) for path in control.guard.by)
