"""Speeds of Sekisho, each as a ratio to a named reference that runs in turn with it."""
