"""Format and logic checks of the records, declared one by one and run over a register in one pass."""

from registry.checks.model import Check, Fault, Settings, Severity
from registry.checks.running import Judge, Report, check, declared, find
from registry.checks.updates import judge_update

__all__ = ["Check", "Fault", "Judge", "Report", "Settings", "Severity", "check", "declared", "find", "judge_update"]
