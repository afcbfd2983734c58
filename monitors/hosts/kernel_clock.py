"""Asking the kernel whether its clock is kept by a time service, as adjtimex(2) answers it."""

import ctypes
import os
from datetime import timedelta
from typing import Final

from monitors.hosts.model import KernelClock

_UNSYNCHRONISED: Final = 0x0040  # STA_UNSYNC
_ROOM: Final = 256  # octets after the fields that are read; more than any kernel writes


class _Timex(ctypes.Structure):
    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("frequency", ctypes.c_long),
        ("largest_error", ctypes.c_long),
        ("estimated_error", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_char * _ROOM),
    )


def kernel_clock() -> KernelClock:
    """Return the kernel's word on its clock; raises ``OSError`` where it gives none. Changes nothing."""
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "adjtimex"):
        raise OSError("no adjtimex")
    answer = _Timex()
    if library.adjtimex(ctypes.byref(answer)) < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return KernelClock(
        synchronised=not answer.status & _UNSYNCHRONISED,
        largest_error=timedelta(microseconds=answer.largest_error),
    )
