"""One form for what is the same: bytes over which a keyed fingerprint tells "the same row" and "the same body".

A fingerprint without its key could be guessed (NIKs are few), so it is always an HMAC. The forms carry a version:
fingerprints of different versions never match by chance.
"""

import hmac
import json
from collections.abc import Mapping
from typing import Final

from pydantic_core import to_json

from intake.domain.application import CheckedApplication

_ROW: Final = "row/1"
_BODY: Final = "body/1"
_WRITER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


def canonical_row(row: CheckedApplication) -> bytes:
    """The row by what it says, not by how it was written: a file saved again by a spreadsheet has the same rows."""
    return _encode_row(
        [
            _ROW,
            row.reference,
            row.nik,
            row.full_name,
            row.birth_date.isoformat(),
            row.sex,
            row.district_code,
            row.reason,
            row.submitted_at.isoformat() if row.submitted_at else None,
            row.phone,
        ]
    )


def canonical_body(body: Mapping[str, object]) -> bytes:
    """A JSON body without regard to the order of its members and to white space between them."""
    return _encode([_BODY, body])


def fingerprint(key: bytes, canonical: bytes) -> bytes:
    """HMAC-SHA-256, 32 bytes."""
    return hmac.digest(key, canonical, "sha256")


def _encode_row(values: list[str | None]) -> bytes:
    """As `_encode`; where all is ASCII, both writers agree to the byte, and this one is ten times as quick."""
    written = to_json(values)
    return written if written.isascii() else _encode(values)


def _encode(value: object) -> bytes:
    return _WRITER.encode(value).encode("ascii")
