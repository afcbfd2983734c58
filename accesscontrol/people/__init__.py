"""Who may stand at the console: operators, terminals, both factors of a sign-in, and the keys that sign approvals."""
