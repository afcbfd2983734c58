"""Which minutes of which days an office is open."""
