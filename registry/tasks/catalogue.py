"""The tasks that this version ships, by name."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from registry.tasks import erasure
from registry.tasks.model import Task

_TASKS: Final = (erasure.TASK,)

CATALOGUE: Final[Mapping[str, Task]] = MappingProxyType({task.name: task for task in _TASKS})
