"""A passkey device in software: answers what a browser would, made with fido2's own classes."""

import json
import os
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

FLAG = AuthenticatorData.FLAG


class Device:
    """Holds one passkey; `origin` is the site that its browser shows."""

    def __init__(self, origin: str = "https://annals.example", verifies: bool = True) -> None:
        self.origin = origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(32)
        self.flags = FLAG.UP | FLAG.UV if verifies else FLAG.UP
        self.owner = b""

    def create(self, options: dict[str, Any], **changed: Any) -> str:
        """Answer the options of a registration; returns the JSON that a page posts."""
        asked = options["creation_options"]["publicKey"]
        self.owner = websafe_decode(asked["user"]["id"])
        public = ES256.from_cryptography_key(self.key.public_key())
        data = AuthenticatorData.create(
            sha256(asked["rp"]["id"].encode()).digest(),
            self.flags | FLAG.AT,
            0,
            AttestedCredentialData.create(Aaguid.NONE, self.id, public),
        )
        response = {
            "clientDataJSON": self._client("webauthn.create", asked["challenge"], changed),
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
        }
        return self._posted(response, {"credProps": {"rk": True}})

    def get(self, options: dict[str, Any], **changed: Any) -> str:
        """Answer the options of a sign-in; returns the JSON that a page posts."""
        asked = options["request_options"]["publicKey"]
        rp_hash = sha256(asked["rpId"].encode()).digest()
        data = AuthenticatorData.create(rp_hash, self.flags, 1)
        client = self._client("webauthn.get", asked["challenge"], changed)
        signed = data + sha256(websafe_decode(client)).digest()
        response = {
            "clientDataJSON": client,
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
            "userHandle": websafe_encode(self.owner),
        }
        return self._posted(response, {})

    def _client(self, kind: str, challenge: str, changed: dict[str, Any]) -> str:
        said = {"type": kind, "challenge": challenge, "origin": self.origin} | changed
        return websafe_encode(CollectedClientData.create(**said))

    def _posted(self, response: dict[str, str], extensions: dict[str, Any]) -> str:
        key = websafe_encode(self.id)
        answer = {"id": key, "rawId": key, "type": "public-key", "response": response}
        return json.dumps(answer | {"clientExtensionResults": extensions})
