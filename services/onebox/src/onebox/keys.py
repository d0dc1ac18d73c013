"""The deployment's keys, in one file that only its owner can read. Lose it and nothing sealed opens again."""

import base64
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from backbone.auth import new_keys
from backbone.seal import Sealer

SECRETS = ("storage", "courier", "vault", "ticket", "person", "fingerprint", "pin")


@dataclass(frozen=True, kw_only=True, repr=False)
class Keys:
    """Raw keys by name; each serves one purpose. Sealing keys carry the id `k1`."""

    private: bytes
    public: bytes
    secret: dict[str, bytes]

    def sealer(self, name: str) -> Sealer:
        return Sealer({"k1": self.secret[name]}, "k1")


def load_or_make(path: Path) -> Keys:
    """The keys in this file; made on first use, readable by their owner alone."""
    if not path.exists():
        private, public = new_keys()
        made = {"private": private.decode(), "public": public.decode()}
        made |= {name: base64.b64encode(secrets.token_bytes(32)).decode() for name in SECRETS}
        _write_private(path, json.dumps(made, indent=1))
    stored = json.loads(path.read_text())
    return Keys(
        private=stored["private"].encode(),
        public=stored["public"].encode(),
        secret={name: base64.b64decode(stored[name]) for name in SECRETS},
    )


def _write_private(path: Path, text: str) -> None:
    """Whole or not at all, never readable by others in between."""
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
