"""The site's own register, embedded or in PostgreSQL: the one place that knows which it is and how one gets there."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from console.settings import RegisterSection
from registry.databases import Registry, open_registry

if TYPE_CHECKING:
    from registry.tasks.kind import Sitting


@dataclass(frozen=True, slots=True)
class SiteRegister:
    """The register that ``section`` of the settings names, otherwise the ``file`` in the home.

    One in PostgreSQL is read by a role that may only read, and changed through the tunnel of a recorded session on
    its host (MO-SYS-06), which ``seat`` opens: no other way leads there. :class:`Refusal` wherever it can't be reached.
    """

    file: Path
    section: RegisterSection
    seat: "Callable[[str, str, Acting], AbstractContextManager[Sitting]]"

    @property
    def is_embedded(self) -> bool:
        """Tell whether the register is the file in the home."""
        return not self.section.host

    @property
    def exists(self) -> bool:
        """Tell whether the site has a register; one in PostgreSQL is taken to be there once the settings name it."""
        return not self.is_embedded or self.file.is_file()

    def look(self) -> Registry:
        """Open the register for reading only."""
        if self.is_embedded:
            return open_registry(self.file, read_only=True)
        if not self.section.reading:
            raise Refusal(N_("The settings name no role that may read the register ({name})."), name="register.reading")
        return open_registry(self.section.reading, read_only=True)

    @contextmanager
    def changing(self, name: str, title: str, actor: Acting) -> Iterator[Registry]:
        """Open the register for a change that no request of its own covers, for as long as the context lasts.

        In PostgreSQL that is a session of ``actor`` under ``name`` with the msgid ``title``; the file is opened as it
        is.
        """
        if self.is_embedded:
            with open_registry(self.file) as registry:
                yield registry
            return
        with self.seat(name, title, actor) as sitting:
            yield sitting.registry
