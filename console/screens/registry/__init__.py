"""Place 7: the register itself: what it holds, whether it is sound, and whether its files agree."""
