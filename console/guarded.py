"""Nothing leaves while the book's second place is silent: what leaves must be in a book that nobody can cut short."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.trail.witness import Witness, WitnessError
from backups.media.destinations import Destination, Destinations, Place


@dataclass(frozen=True, slots=True)
class WitnessedDestinations:
    """The destinations of ``inner``, held for writing only while the second place answers (MO-LOG-01)."""

    inner: Destinations
    witness: Callable[[], Witness | None]

    def identify(self, place: Place) -> str:
        """Return the SHA-256 that an approval is bound to; asking needs no second place."""
        return self.inner.identify(place)

    def opened(self, place: Place) -> AbstractContextManager[Destination]:
        """Hold the destination, unless the second place is set up and does not answer."""
        witness = self.witness()
        if witness is not None:
            try:
                witness.last()
            except WitnessError as error:
                raise Refusal(
                    N_("The trail's second place does not answer ({reason}); until it does, nothing leaves."),
                    control="MO-LOG-01",
                    reason=str(error),
                ) from None
        return self.inner.opened(place)
