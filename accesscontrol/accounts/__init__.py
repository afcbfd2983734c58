"""User IDs on the managed systems: what should be, what was last read, and the lapse that needs nobody's act."""
