"""What every test may ask for: a real OpenSSH server, a real PostgreSQL database."""

from __future__ import annotations

pytest_plugins = (
    "pytester",
    "tests.services.availability",
    "tests.services.sshd",
    "tests.services.postgresql",
    "tests.services.slapd",
    "tests.services.scim",
)
