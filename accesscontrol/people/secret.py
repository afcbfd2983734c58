"""A value that nothing prints: not a log, not a repr, not a traceback with its frames' variables."""

import hmac
from collections.abc import Callable
from functools import wraps
from typing import NoReturn, ParamSpec, TypeVar

from accesscontrol.refusals import Refusal

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")

_HIDDEN = "<secret>"


class Secret:
    """A password, code, key or seed.

    Its text and its octets come out only by asking for them by name; repr, str, format, JSON and pickle never
    show them. Equality takes the same time whatever differs.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str | bytes) -> None:
        self._value = value

    def text(self) -> str:
        """Return the secret as text (octets are read as UTF-8)."""
        return self._value if isinstance(self._value, str) else self._value.decode()

    def octets(self) -> bytes:
        """Return the secret as octets (text as UTF-8; a stray surrogate, which a terminal can send, is kept)."""
        return self._value if isinstance(self._value, bytes) else self._value.encode("utf-8", "surrogatepass")

    def __repr__(self) -> str:
        return _HIDDEN

    def __format__(self, specification: str) -> str:
        return _HIDDEN

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self.octets(), other.octets())

    __hash__ = None  # type: ignore[assignment]  # a secret is no key of a dictionary

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written anywhere")


class ConcealedError(Exception):
    """A fault in code that handles secrets; it says what failed and where, and carries no value of any frame."""


def concealed(function: Callable[_Arguments, _Result]) -> Callable[_Arguments, _Result]:
    """Let no exception carry the frames of ``function`` out, because they hold secrets as plain values.

    A ``Refusal`` keeps its words and loses its traceback; any other exception becomes a ``ConcealedError``,
    since its arguments may hold the value itself (a ``UnicodeError`` does). The arguments of ``function``
    must be secrets or harmless.
    """

    @wraps(function)
    def call(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Result:
        try:
            return function(*args, **kwargs)
        except Refusal as refusal:
            told: Exception = Refusal(refusal.message, control=refusal.control, **refusal.fields)
        except Exception as error:  # noqa: BLE001 - whatever it was, its frames must not get out
            told = ConcealedError(f"{type(error).__name__} in {function.__qualname__}")
        raise told

    return call
