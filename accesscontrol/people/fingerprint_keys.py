"""The person's side of a security key: this console is its only client, so a PIN is never offered in a finger's place.

python-fido2 falls back to the PIN when the finger is blocked; here that request is answered with nothing, and a key
without an enrolled finger isn't used at all.
"""

import json
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from accesscontrol.messages import N_
from accesscontrol.people.factors import Answer
from accesscontrol.people.secret import Secret
from accesscontrol.people.security_keys import METHOD, ORIGIN, SITE_ID, Registration, credential_of
from accesscontrol.refusals import Refusal

if TYPE_CHECKING:
    from fido2.client import Fido2Client, UserInteraction
    from fido2.ctap import CtapDevice
    from fido2.ctap2.base import Info
    from fido2.webauthn import PublicKeyCredentialDescriptor

Tell = Callable[[str], None]

_FINGERPRINT: Final = 0x02  # USER_VERIFY_FINGERPRINT_INTERNAL, FIDO Registry of Predefined Values 2.2
_ES256: Final = -7
_EDDSA: Final = -8

TOUCH: Final = N_("Touch the security key with your finger.")
NO_FINGER: Final = N_("This security key has no enrolled finger, so it can't be used here.")
NOT_RECOGNISED: Final = N_("The security key didn't recognise the finger or didn't know you.")
BLOCKED: Final = N_("The security key asks for its PIN, which does not replace the finger here. Ask its custodian.")


def connected() -> "list[CtapDevice]":
    """Return the security keys plugged into this host. Without the optional part installed it is refused."""
    try:
        from fido2.hid import CtapHidDevice
    except ImportError:
        raise Refusal(N_("Security keys need an additional part: install sekisho[security-keys].")) from None
    return list(CtapHidDevice.list_devices())


class FingerprintKey:
    """A security key at hand; ``tell`` shows the person what to do (msgids)."""

    def __init__(self, device: "CtapDevice", *, tell: Tell) -> None:
        self._device = device
        self._tell = tell

    def answer(self, challenge: bytes, credentials: Sequence[str]) -> Answer:
        """Let the key sign ``challenge`` after a finger. Whatever fails is an empty answer, which passes nowhere.

        Someone without an enrolled key gets the same request with a credential that no key knows, so that the
        request doesn't tell who has one.
        """
        from fido2.client import ClientError, PinRequiredError
        from fido2.ctap import CtapError
        from fido2.webauthn import PublicKeyCredentialRequestOptions, UserVerificationRequirement

        nothing = Answer(method=METHOD, content=Secret(""))
        try:
            client = self._client()
            if not has_finger(client.info):
                self._tell(NO_FINGER)
                return nothing
            options = PublicKeyCredentialRequestOptions(
                challenge=challenge,
                rp_id=SITE_ID,
                allow_credentials=_descriptors(credentials),
                user_verification=UserVerificationRequirement.REQUIRED,
            )
            response = client.get_assertion(options).get_response(0)
        except PinRequiredError:
            self._tell(BLOCKED)
            return nothing
        except (ClientError, CtapError, OSError, ValueError):
            self._tell(NOT_RECOGNISED)
            return nothing
        return Answer(method=METHOD, content=Secret(json.dumps(dict(response))))

    def register(self, login: str, name: str) -> Registration:
        """Make a new credential for ``login`` on the key, after a finger; refused without an enrolled finger."""
        from fido2.client import ClientError, PinRequiredError
        from fido2.ctap import CtapError
        from fido2.webauthn import (
            AttestationConveyancePreference,
            AuthenticatorSelectionCriteria,
            PublicKeyCredentialCreationOptions,
            PublicKeyCredentialParameters,
            PublicKeyCredentialRpEntity,
            PublicKeyCredentialType,
            PublicKeyCredentialUserEntity,
            UserVerificationRequirement,
        )

        challenge = os.urandom(32)
        kind = PublicKeyCredentialType.PUBLIC_KEY
        options = PublicKeyCredentialCreationOptions(
            rp=PublicKeyCredentialRpEntity(id=SITE_ID, name="Sekisho"),
            user=PublicKeyCredentialUserEntity(id=login.encode(), name=login, display_name=name),
            challenge=challenge,
            pub_key_cred_params=[
                PublicKeyCredentialParameters(type=kind, alg=algorithm) for algorithm in (_ES256, _EDDSA)
            ],
            authenticator_selection=AuthenticatorSelectionCriteria(
                user_verification=UserVerificationRequirement.REQUIRED
            ),
            attestation=AttestationConveyancePreference.DIRECT,
        )
        try:
            client = self._client()
            if not has_finger(client.info):
                raise Refusal(NO_FINGER, control="AC-AUT-02")
            response = client.make_credential(options)
        except PinRequiredError:
            raise Refusal(BLOCKED, control="AC-AUT-02") from None
        except (ClientError, CtapError, OSError, ValueError):
            raise Refusal(NOT_RECOGNISED, control="AC-AUT-02") from None
        return Registration(challenge=challenge, response=dict(response))

    def _client(self) -> "Fido2Client":
        from fido2.client import DefaultClientDataCollector, Fido2Client

        collector = DefaultClientDataCollector(ORIGIN, verify=lambda site, origin: (site, origin) == (SITE_ID, ORIGIN))
        return Fido2Client(self._device, collector, user_interaction=_finger_only(self._tell))


def has_finger(info: "Info") -> bool:
    """Tell whether a key verifies by an enrolled fingerprint (CTAP 2.1: ``bioEnroll`` and ``uv`` both true).

    Where the key names its means, a finger must be among them; a key may leave them unnamed.
    """
    named = not info.uv_modality or bool(info.uv_modality & _FINGERPRINT)
    return info.options.get("bioEnroll") is True and info.options.get("uv") is True and named


def _descriptors(credentials: Sequence[str]) -> "list[PublicKeyCredentialDescriptor]":
    from fido2.webauthn import PublicKeyCredentialDescriptor, PublicKeyCredentialType

    identities = [credential_of(stored).credential_id for stored in credentials] or [os.urandom(32)]
    kind = PublicKeyCredentialType.PUBLIC_KEY
    return [PublicKeyCredentialDescriptor(type=kind, id=identity) for identity in identities]


def _finger_only(tell: Tell) -> "UserInteraction":
    from fido2.client import UserInteraction

    class FingerOnly(UserInteraction):
        def prompt_up(self) -> None:
            tell(TOUCH)

        def request_pin(self, permissions: object, rp_id: str | None) -> str | None:  # noqa: ARG002 - the library's shape
            return None

        def request_uv(self, permissions: object, rp_id: str | None) -> bool:  # noqa: ARG002 - the library's shape
            tell(TOUCH)
            return True

    return FingerOnly()
