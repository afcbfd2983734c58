"""Speaking SCIM 2.0 (RFC 7644): whole lists in pages, changes only to what was read, and nobody's word for success.

The service says first what it can do (``/ServiceProviderConfig``); without filters, ETags or PATCH the same is done
with whole lists, unconditionally, or by replacing the whole resource.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from accesscontrol.accounts.connectors.protocol import Unreadable
from accesscontrol.clock import Clock
from accesscontrol.messages import N_
from accesscontrol.people.secret import Secret
from accesscontrol.refusals import Refusal

Resource: TypeAlias = Mapping[str, Any]
Operations: TypeAlias = Sequence[Mapping[str, Any]]

USER: Final = "User"
GROUP: Final = "Group"
PASSWORDS: Final = "change_password"
_ERROR: Final = "urn:ietf:params:scim:api:messages:2.0:Error"
_PATCH: Final = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_HERE: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_UNREADABLE: Final = frozenset({401, 403, 429, 500, 502, 503, 504})
CHANGED: Final = 412


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A SCIM service. ``url`` is its base, https unless it is this host; ``token`` the bearer token (RFC 6750).

    Members of the groups ``administrators`` are administrators; ``own`` is the connector's own user name, if it has
    one. The other side is waited for ``seconds``.
    """

    system: str
    url: str
    token: Secret = field(repr=False)
    administrators: frozenset[str] = frozenset()
    own: str = ""
    page: int = 100
    seconds: float = 10.0


class DeclinedError(Exception):
    """The service said no to one request; ``status`` is the HTTP status."""

    def __init__(self, status: int, detail: str) -> None:
        self.status = status
        super().__init__(f"{status}: {detail}" if detail else str(status))


class Wire:
    """An open connection. ``skew`` is how far the service's clock is ahead of ours, as of its last answer."""

    def __init__(self, client: Any, page: int) -> None:
        self._client = client
        self._page = page
        self.skew = timedelta()

    def supports(self, feature: str) -> bool:
        """Tell whether the service announces ``patch``, ``filter``, ``etag`` and so on."""
        announced = getattr(self._client.provider.config, feature, None)
        return bool(announced and announced.supported)

    def every(self, kind: str) -> list[Resource]:
        """Return all resources of a kind. Fewer than the service itself counts is a failure, never a shorter list."""
        found: dict[str, Resource] = {}
        start, total = 1, 1
        while start <= total:
            answer = self._ask(kind, {"startIndex": start, "count": self._page})
            total = int(answer.get("totalResults", 0))
            page = answer.get("Resources") or []
            found.update((str(each["id"]), each) for each in page)
            if not page:
                break
            start += len(page)
        if len(found) < total:
            raise DeclinedError(200, f"{len(found)} of {total}")
        return list(found.values())

    def named(self, user_name: str) -> Resource | None:
        """Return the user with this name (case aside), which must need no quoting."""
        if not self.supports("filter"):
            return next((each for each in self.every(USER) if _same(each, user_name)), None)
        answer = self._ask(USER, {"filter": f'userName eq "{user_name}"'})
        return next((each for each in answer.get("Resources") or [] if _same(each, user_name)), None)

    def _ask(self, kind: str, parameters: Mapping[str, Any]) -> Resource:
        return _accepted(self._client.query(kind, query_parameters=dict(parameters))) or {}

    def create(self, kind: str, resource: Resource) -> None:
        """Make a resource."""
        address = self._client.resource_endpoint(kind)
        _accepted(self._client.create(kind, dict(resource), url=address, expected_status_codes=None))

    def modify(self, kind: str, seen: Resource, operations: Operations, whole: Resource) -> None:
        """Change the resource as it was ``seen``: by PATCH, or by putting ``whole`` where the service has none.

        Someone else's change in between makes it fail with status 412, where the service keeps ETags.
        """
        version = (seen.get("meta") or {}).get("version")
        headers = {"If-Match": version} if version and self.supports("etag") else {}
        address = f"{self._client.resource_endpoint(kind)}/{seen['id']}"
        given: dict[str, Any] = {"url": address, "expected_status_codes": None, "headers": headers}
        if self.supports("patch"):
            body = {"schemas": [_PATCH], "Operations": list(operations)}
            _accepted(self._client.modify(kind, seen["id"], body, **given))
        else:
            _accepted(self._client.replace(kind, dict(whole), **given))


def _same(resource: Resource, user_name: str) -> bool:
    return str(resource.get("userName", "")).casefold() == user_name.casefold()


def _accepted(answer: Any) -> Resource | None:
    """Return what the service answered, or raise ``DeclinedError`` with the reason that it gave."""
    if isinstance(answer, dict) and _ERROR in answer.get("schemas", ()):
        raise DeclinedError(int(answer.get("status", 0)), str(answer.get("detail", "")))
    return answer if isinstance(answer, dict) else None


@contextmanager
def connected(service: Service, clock: Clock) -> Iterator[Wire]:
    """Open a connection and let the service say what it can do.

    Raises ``Unreadable`` when it can't be reached, lets us not in, or answers with something else than SCIM.
    """
    try:
        import httpx2
        from scim2_client import SCIMClientException
        from scim2_client.engines.httpx2 import SyncSCIMClient
        from scim2_models import Group, SCIMException, ScimProvider, User
    except ImportError:
        raise Refusal(N_("SCIM services need an additional part: install sekisho[scim].")) from None
    address = urlsplit(service.url)
    if address.scheme != "https" and address.hostname not in _HERE:
        raise Refusal(N_("The address of {system} must begin with https://."), system=service.system)
    headers = {"Authorization": f"Bearer {service.token.text()}"}
    verified = address.scheme == "https"  # reading the authorities takes longer than asking on this host
    with httpx2.Client(base_url=service.url, headers=headers, timeout=service.seconds, verify=verified) as http:
        models = ScimProvider(models=(User, Group))
        client = SyncSCIMClient(http, provider=models, check_request_payload=False, check_response_payload=False)
        wire = Wire(client, service.page)
        http.event_hooks["response"] = [lambda response: _take_time(wire, response.headers, clock)]
        try:
            client.discover(schemas=False, resource_types=False)
            yield wire
        except DeclinedError as error:
            raise _unreadable(service, str(error)) from None
        except (SCIMClientException, SCIMException, ValueError, KeyError, TypeError) as error:
            raise _unreadable(service, str(error) or type(error).__name__) from None


def lasting(error: DeclinedError) -> bool:
    """Tell whether a refusal concerns the one request, not the whole service for now."""
    return error.status not in _UNREADABLE


def _unreadable(service: Service, reason: str) -> Unreadable:
    return Unreadable(N_("The service {system} can't be read: {reason}."), system=service.system, reason=reason)


def _take_time(wire: Wire, headers: Mapping[str, str], clock: Clock) -> None:
    """Note the service's time from its answer (the header Date counts whole seconds)."""
    try:
        told = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return
    now: datetime = clock.now().replace(microsecond=0)
    wire.skew = (told if told.tzinfo else told.replace(tzinfo=UTC)) - now
