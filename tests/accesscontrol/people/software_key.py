"""A security key made of software: CTAP 2.1 with a fingerprint reader, token protocol 2, packed attestation."""

import hashlib
import hmac
import os
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from fido2 import cbor
from fido2.cose import ES256
from fido2.ctap import STATUS, CtapDevice, CtapError
from fido2.ctap2.pin import PinProtocolV2
from fido2.hid import CAPABILITY
from fido2.webauthn import Aaguid, AttestedCredentialData

MODEL = Aaguid(bytes.fromhex("5e5e5e5e00004000800000000000f1d0"))
_LONG = timedelta(days=3650)
_START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Maker:
    """A maker of keys: a root, and one attestation certificate for the whole model."""

    name: str = "Imaginary Keys"
    model: Aaguid = MODEL
    root_key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    batch_key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def _certificate(self, subject: x509.Name, key: ec.EllipticCurvePublicKey, *, ca: bool) -> bytes:
        root = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{self.name} Root")])
        builder = (
            x509.CertificateBuilder()
            .subject_name(root if ca else subject)
            .issuer_name(root)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(_START)
            .not_valid_after(_START + _LONG)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if not ca:
            extension = x509.UnrecognizedExtension(
                x509.ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4"), b"\x04\x10" + bytes(self.model)
            )
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self.root_key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def root(self) -> bytes:
        return self._certificate(x509.Name([]), self.root_key.public_key(), ca=True)

    def batch(self) -> bytes:
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, self.name),
                x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Authenticator Attestation"),
                x509.NameAttribute(NameOID.COMMON_NAME, "batch 1"),
            ]
        )
        return self._certificate(subject, self.batch_key.public_key(), ca=False)


@dataclass
class SoftwareKey(CtapDevice):
    """``finger``: what the reader says next: "right", "wrong" or "blocked". ``pin`` is set on the key, if any."""

    maker: Maker = field(default_factory=Maker)
    finger: str = "right"
    bio_enroll: bool = True
    modality: int = 0x02
    pin: str | None = "314159"
    counting: bool = True
    lies_about_user: bool = False
    counter: int = 0
    credentials: dict[bytes, ec.EllipticCurvePrivateKey] = field(default_factory=dict)
    pins_tried: int = 0

    def __post_init__(self) -> None:
        self._agreement = ec.generate_private_key(ec.SECP256R1())
        self._token = b""

    @property
    def capabilities(self) -> int:
        return int(CAPABILITY.CBOR)

    @classmethod
    def list_devices(cls) -> Iterator[CtapDevice]:
        return iter(())

    def call(
        self,
        cmd: int,
        data: bytes = b"",
        event: Event | None = None,
        on_keepalive: Callable[[STATUS], None] | None = None,
    ) -> bytes:
        assert cmd == 0x10
        commands = {1: self._make, 2: self._assert, 4: self._info, 6: self._client_pin}
        request = cbor.decode(data[1:]) if len(data) > 1 else {}
        assert isinstance(request, Mapping)
        try:
            answered = commands[data[0]](request)
        except CtapError as error:
            return bytes([int(error.code)])
        return b"\x00" + cbor.encode(answered)

    def _info(self, _: Mapping[int, Any]) -> dict[int, Any]:
        options = {"rk": False, "up": True, "pinUvAuthToken": True, "clientPin": self.pin is not None}
        options |= {"uv": self.bio_enroll, "bioEnroll": self.bio_enroll}
        return {1: ["FIDO_2_1"], 3: bytes(self.maker.model), 4: options, 5: 2048, 6: [2], 0x12: self.modality}

    def _client_pin(self, request: Mapping[int, Any]) -> dict[int, Any]:
        if request[2] == 2:
            numbers = self._agreement.public_key().public_numbers()
            x, y = (n.to_bytes(32, "big") for n in (numbers.x, numbers.y))
            return {1: {1: 2, 3: -25, -1: 1, -2: x, -3: y}}
        protocol, shared = PinProtocolV2(), self._shared(request[3])
        if request[2] == 6:
            if self.finger == "blocked":
                raise CtapError(CtapError.ERR.UV_BLOCKED)
            if self.finger != "right":
                raise CtapError(CtapError.ERR.UV_INVALID)
        else:
            self.pins_tried += 1
            expected = hashlib.sha256((self.pin or "").encode()).digest()[:16]
            if protocol.decrypt(shared, request[6]) != expected:  # type: ignore[no-untyped-call]  # it has no types
                raise CtapError(CtapError.ERR.PIN_INVALID)
        self._token = os.urandom(32)
        return {2: protocol.encrypt(shared, self._token)}  # type: ignore[no-untyped-call]  # it has no types

    def _shared(self, peer: Mapping[int, Any]) -> bytes:
        x, y = (int.from_bytes(peer[axis], "big") for axis in (-2, -3))
        key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        derived: bytes = PinProtocolV2().kdf(self._agreement.exchange(ec.ECDH(), key))  # type: ignore[no-untyped-call]  # it has no types
        return derived

    def _verified(self, client_data_hash: bytes, proof: bytes | None) -> bool:
        if proof is None:
            return False
        if not self._token or not hmac.compare_digest(hmac.digest(self._token, client_data_hash, "sha256"), proof):
            raise CtapError(CtapError.ERR.PIN_AUTH_INVALID)
        return not self.lies_about_user

    def _data(self, site: str, *, verified: bool, attested: bytes = b"") -> bytes:
        flags = 0x01 | (0x04 if verified else 0) | (0x40 if attested else 0)
        if self.counting:
            self.counter += 1
        return hashlib.sha256(site.encode()).digest() + struct.pack(">BI", flags, self.counter) + attested

    def _make(self, request: Mapping[int, Any]) -> dict[int, Any]:
        key, identity = ec.generate_private_key(ec.SECP256R1()), os.urandom(32)
        self.credentials[identity] = key
        attested = AttestedCredentialData.create(
            self.maker.model,
            identity,
            ES256.from_cryptography_key(key.public_key()),  # type: ignore[no-untyped-call]  # it has no types
        )
        verified = self._verified(request[1], request.get(8))
        data = self._data(request[2]["id"], verified=verified, attested=bytes(attested))
        signature = self.maker.batch_key.sign(data + request[1], ec.ECDSA(hashes.SHA256()))
        return {1: "packed", 2: data, 3: {"alg": -7, "sig": signature, "x5c": [self.maker.batch()]}}

    def _assert(self, request: Mapping[int, Any]) -> dict[int, Any]:
        known = [each["id"] for each in request.get(3, []) if each["id"] in self.credentials]
        if not known:
            raise CtapError(CtapError.ERR.NO_CREDENTIALS)
        if request.get(5, {}).get("up") is False:
            data = hashlib.sha256(request[1].encode()).digest() + struct.pack(">BI", 0, self.counter)
        else:
            data = self._data(request[1], verified=self._verified(request[2], request.get(6)))
        signature = self.credentials[known[0]].sign(data + request[2], ec.ECDSA(hashes.SHA256()))
        return {1: {"id": known[0], "type": "public-key"}, 2: data, 3: signature}
