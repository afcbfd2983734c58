"""What the operating system and the database say when something fails, so that readers get it in their language."""

from typing import Final

from accesscontrol.messages import N_

SYSTEM_WORDS: Final = (
    N_("No such file or directory"),
    N_("Permission denied"),
    N_("Operation not permitted"),
    N_("No space left on device"),
    N_("Is a directory"),
    N_("File name too long"),
    N_("Not a directory"),
    N_("File exists"),
    N_("Read-only file system"),
    N_("Input/output error"),
    N_("Directory not empty"),
    N_("Device or resource busy"),
    N_("unable to open database file"),
    N_("file is not a database"),
    N_("database is locked"),
    N_("database disk image is malformed"),
    N_("attempt to write a readonly database"),
    N_("database or disk is full"),
    N_("disk I/O error"),
)
