"""This host and others: what they are doing, and what could not be read, which is never taken for good."""
