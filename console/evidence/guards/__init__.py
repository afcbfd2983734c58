"""What this version does for each control, by the trade that does it, and what is left to people."""
