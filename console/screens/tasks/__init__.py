"""Maintenance tasks: the catalogue, the wizard, running, and differences line by line."""
