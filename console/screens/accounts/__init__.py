"""Place 2: the user IDs of the managed systems, whose they are, when they end, and that none is left over."""
