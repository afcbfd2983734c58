"""Transfers between systems: which are declared, which were acknowledged, and which must not be (MO-LNK-01)."""
