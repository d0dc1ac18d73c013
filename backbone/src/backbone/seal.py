"""Authenticated encryption (AES-256-GCM) with key ids, and keyed hashes.

A sealed blob is `key id length | key id | nonce (12 bytes) | ciphertext and tag`. The associated data binds it to its
row or its message: moved elsewhere it does not open.
"""

import hmac
import os
from collections.abc import Mapping
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


class NotOurs(ValueError):
    """The blob was changed, bound elsewhere, or sealed under a key we do not have."""


class Sealer:
    """Seals under the current key, opens under any key of the ring; raises ValueError without the current one."""

    def __init__(self, keys: Mapping[str, bytes], current: str) -> None:
        self._keys = dict(keys)
        self._ciphers = {key_id.encode(): AESGCM(key) for key_id, key in keys.items()}
        self._current = current.encode()
        if self._current not in self._ciphers or len(self._current) > 255:
            raise ValueError("the current key is not in the ring, or its id is longer than 255 bytes")

    def seal(self, plain: bytes, bound_to: str) -> bytes:
        nonce = os.urandom(12)
        head = bytes([len(self._current)]) + self._current
        return head + nonce + self._ciphers[self._current].encrypt(nonce, plain, bound_to.encode())

    def __reduce__(self) -> tuple[type["Sealer"], tuple[dict[str, bytes], str]]:
        """By its keys: how it comes to a process of our own that seals for this one."""
        return Sealer, (self._keys, self._current.decode())

    def open(self, blob: bytes, bound_to: str) -> bytes:
        """The plain bytes; raises NotOurs."""
        size = blob[0] + 1 if blob else 0
        cipher = self._ciphers.get(blob[1:size])
        if cipher is None:
            raise NotOurs("sealed under an unknown key")
        try:
            return cipher.decrypt(blob[size : size + 12], blob[size + 12 :], bound_to.encode())
        except (InvalidTag, ValueError):
            raise NotOurs("changed, or bound to something else") from None


def keyed_hash(key: bytes, purpose: str, value: str) -> bytes:
    """HMAC-SHA-256 of a value for one purpose; without the key it can be neither made nor guessed."""
    return hmac.digest(key, f"{purpose}\x00{value}".encode(), sha256)
