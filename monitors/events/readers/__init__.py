"""Readers of logs: each one turns lines into readings, and gives back every line that it can't understand."""
