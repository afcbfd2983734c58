"""The tasks that this version ships, by name."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from registry.tasks import (
    account_list,
    care,
    correction,
    erasure,
    identity_erasure,
    matching,
    notifications,
    permitted_pairs,
    presented,
    purge,
    reconciling,
    record_checks,
    statistics,
    yearly,
)
from registry.tasks.model import Task

_TASKS: Final = (
    record_checks.ALL,
    record_checks.NUMBERS,
    reconciling.TASK,
    matching.COPY,
    matching.DESTINATION,
    matching.NUMBERS,
    notifications.TASK,
    presented.MOVE_IN_TASK,
    presented.CARD_TASK,
    yearly.SET,
    yearly.RESULT,
    correction.IDENTITY,
    correction.REGISTER,
    erasure.TASK,
    identity_erasure.TASK,
    purge.PURGE,
    purge.REPAIR,
    statistics.TASK,
    account_list.TASK,
    permitted_pairs.ADD,
    permitted_pairs.END,
    care.INTEGRITY,
    care.LOOK,
    care.TIDY,
    care.REINDEX,
    care.CLUSTER,
)

CATALOGUE: Final[Mapping[str, Task]] = MappingProxyType({task.name: task for task in _TASKS})
