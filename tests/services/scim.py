"""A real SCIM 2.0 server over HTTP on the loopback interface, which can be made to behave as lax ones do."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from threading import Thread
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from scim2_server.memory import InMemoryStorage
from scim2_server.testserver.application import BearerTokenApplication
from scim2_server.utils import load_default_provider

from tests.services.networking import HOST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

TOKEN = "only-for-this-test-run"


class Silent(WSGIRequestHandler):
    """Answers without a line on the standard error."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass
class ScimServer:
    """A running server. ``answer`` may stand before the real one: it returns a status and a body, or None.

    ``asked`` keeps method and path of every request.
    """

    port: int
    application: BearerTokenApplication
    storage: InMemoryStorage
    answer: Callable[[dict[str, Any]], tuple[str, Any] | None] = field(default=lambda _: None)
    asked: list[tuple[str, str]] = field(default_factory=list)
    matched: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The service's base."""
        return f"http://{HOST}:{self.port}/v2"

    def announce(self, **features: bool) -> None:
        """Let the server announce, and have, these features only as said."""
        config = self.application.service.provider.config
        for name, supported in features.items():
            getattr(config, name).supported = supported

    def password_of(self, user_name: str) -> str | None:
        """Return the password that the service itself keeps of a user, which no client is ever shown."""
        return getattr(self._user(user_name), "password", None)

    def lets_in(self, user_name: str, password: str) -> bool:
        """Tell whether the service would let the user in, as it judges by what it keeps."""
        return bool(getattr(self._user(user_name), "active", False)) and self.password_of(user_name) == password

    def _user(self, user_name: str) -> object:
        found = (each for each in self.storage.resources if getattr(each, "user_name", "") == user_name)
        return next(found, None)

    def serve(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """Answer one request."""
        self.asked.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        self.matched.append(environ.get("HTTP_IF_MATCH", ""))
        own = self.answer(environ)
        if own is None:
            return self.application(environ, start)
        status, body = own
        content = b"" if body is None else json.dumps(body).encode()
        start(status, [("Content-Type", "application/scim+json"), ("Content-Length", str(len(content)))])
        return [content]


_provider = cache(load_default_provider)  # its models take a while to make


@pytest.fixture
def scim_server() -> Iterator[ScimServer]:
    """A server without users or groups."""
    storage = InMemoryStorage()
    application = BearerTokenApplication(storage, _provider(), bearer_tokens=[TOKEN])
    with make_server(HOST, 0, application, handler_class=Silent) as listening:
        server = ScimServer(listening.server_port, application, storage)
        listening.set_app(server.serve)
        server.announce(patch=True, filter=True, etag=True, change_password=False)
        thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server
        listening.shutdown()
        thread.join()
