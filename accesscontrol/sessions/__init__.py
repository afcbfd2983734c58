"""Controlled sessions: opened by an approval, watched, recorded, and ended in time."""
