"""The city hall of the requests' tests, whose people watch and stop sessions here."""

from tests.accesscontrol.requests.conftest import built, city, new_city

__all__ = ["built", "city", "new_city"]
