"""One direction of a session on its way into the recording: bytes become text, whole characters, masked."""

import codecs

from accesscontrol.clock import Clock
from accesscontrol.messages import N_
from accesscontrol.refusals import Refusal
from accesscontrol.sessions.masking import Masking


class Stream:
    """Decodes and masks what passes in one direction; ``code`` is its event code.

    A character that is split between two chunks comes out whole. Bytes that the declared encoding can't read come
    out as lone surrogates (``surrogateescape``), so that none is lost.
    """

    def __init__(self, code: str, masking: Masking, encoding: str) -> None:
        self.code = code
        self._masking = masking
        try:
            self._decoder = codecs.getincrementaldecoder(encoding)("surrogateescape")
        except LookupError:
            raise Refusal(N_("There is no text encoding {encoding}."), encoding=encoding) from None
        self._held_since: float | None = None
        self._fed = False

    def feed(self, data: bytes) -> str:
        """Take bytes and return what of the stream can be written now."""
        self._fed = True
        return self._masking.feed(self._decoder.decode(data))

    def holds_for(self, seconds: float, clock: Clock) -> bool:
        """Tell whether something has been held back, untouched, for ``seconds`` or longer."""
        if not self._masking.held:
            self._held_since = None
            return False
        now = clock.uptime().seconds
        if self._fed or self._held_since is None:
            self._fed, self._held_since = False, now
        return now - self._held_since >= seconds

    def expire(self) -> str:
        """Return what was held back for too long; what still can't be judged comes out masked."""
        return self._masking.expire()

    def finish(self) -> str:
        """Return the rest, because nothing more will come."""
        return self._masking.feed(self._decoder.decode(b"", final=True)) + self._masking.finish()
