"""Encryption of Temporal payloads: AES-256-GCM, with the key's id in the payload's metadata.

What the server stores (arguments, results, summaries, current details, failures) is unreadable
without the key. Keys are rotated by adding one and naming it ``current``; old ones still decrypt.
"""

import base64
import json
import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

ENCODING = b"binary/encrypted"
NONCE_BYTES = 12


class PayloadKeys:
    """The keys: ``{"current": "2026-01", "keys": {"2026-01": "<32 bytes, base64>"}}``."""

    def __init__(self, current: str, keys: dict[str, bytes]) -> None:
        if current not in keys:
            raise ValueError("the current payload key is not among the keys")
        self.current = current
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}

    @classmethod
    def read(cls, path: Path) -> "PayloadKeys":
        document = json.loads(path.read_text())
        return cls(document["current"], {name: base64.b64decode(key) for name, key in document["keys"].items()})

    def cipher(self, key_id: str) -> AESGCM:
        """Return the cipher of a key. Raises KeyError when the key was destroyed or never here."""
        return self._ciphers[key_id]


class EncryptingCodec(PayloadCodec):
    def __init__(self, keys: PayloadKeys) -> None:
        self._keys = keys

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self._encrypt(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [
            self._decrypt(payload) if payload.metadata.get("encoding") == ENCODING else payload
            for payload in payloads
        ]

    def _encrypt(self, payload: Payload) -> Payload:
        key_id = self._keys.current
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._keys.cipher(key_id).encrypt(nonce, payload.SerializeToString(), key_id.encode())
        return Payload(
            metadata={"encoding": ENCODING, "encryption-key-id": key_id.encode()},
            data=nonce + sealed,
        )

    def _decrypt(self, payload: Payload) -> Payload:
        key_id = payload.metadata["encryption-key-id"]
        nonce, sealed = payload.data[:NONCE_BYTES], payload.data[NONCE_BYTES:]
        return Payload.FromString(self._keys.cipher(key_id.decode()).decrypt(nonce, sealed, key_id))
