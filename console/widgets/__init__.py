"""Widgets of our own; each shows only safe text and nothing of a rule."""
