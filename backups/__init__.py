"""Backups, their sealing, their export and the media they travel on."""
