"""What every test of a screen may ask for: the look it had before."""

from tests.goldens import golden

__all__ = ["golden"]
