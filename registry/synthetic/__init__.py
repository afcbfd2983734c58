"""A city that does not exist, at any size, from a seed."""

from registry.synthetic.city import MIHON, create_city

__all__ = ["MIHON", "create_city"]
