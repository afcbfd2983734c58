"""The maintenance tasks of a register."""
