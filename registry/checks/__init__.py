"""Format and logic checks of the records, declared one by one and run over a register in one pass."""

from registry.checks.model import Check, Fault, Settings, Severity
from registry.checks.running import Report, check, declared, find

__all__ = ["Check", "Fault", "Report", "Settings", "Severity", "check", "declared", "find"]
