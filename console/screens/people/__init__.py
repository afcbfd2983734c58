"""Place 2: user IDs, the console's own and those of the register system."""
