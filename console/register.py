"""The site's own register, embedded or in PostgreSQL: the one place that knows which it is and how one gets there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.requests.desk import Acting
from registry.databases import Registry, open_registry

if TYPE_CHECKING:
    from console.wiring import Installation


@dataclass(frozen=True, slots=True)
class SiteRegister:
    """The register that the settings name, otherwise the file in the home.

    One in PostgreSQL is read by a role that may only read, and changed through the tunnel of a recorded session on
    its host (MO-SYS-06): no other way leads there. :class:`Refusal` wherever it can't be reached.
    """

    site: "Installation"

    @property
    def is_embedded(self) -> bool:
        """Tell whether the register is the file in the home."""
        return not self.site.settings.register.host

    @property
    def exists(self) -> bool:
        """Tell whether the site has a register; one in PostgreSQL is taken to be there once the settings name it."""
        return not self.is_embedded or self.site.home.registry.is_file()

    def look(self) -> Registry:
        """Open the register for reading only."""
        section = self.site.settings.register
        if self.is_embedded:
            return open_registry(self.site.home.registry, read_only=True)
        if not section.reading:
            raise Refusal(N_("The settings name no role that may read the register ({name})."), name="register.reading")
        return open_registry(section.reading, read_only=True)

    @contextmanager
    def changing(self, name: str, title: str, actor: Acting) -> Iterator[Registry]:
        """Open the register for a change that no request of its own covers, for as long as the context lasts.

        In PostgreSQL that is a session of ``actor`` under ``name`` with the msgid ``title``; the file is opened as it
        is.
        """
        if self.is_embedded:
            with open_registry(self.site.home.registry) as registry:
                yield registry
            return
        from console.maintenance_standing import standing

        with standing(self.site, name, title, executor=actor) as sitting:
            yield sitting.registry
