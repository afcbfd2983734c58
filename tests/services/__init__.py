"""Real OpenSSH and PostgreSQL servers for the tests, and the rule for a machine that lacks them."""
