"""A person's data, in the open only in memory: sealed for our rows, sealed for the gateway, hashed for look-up."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from backbone.seal import Sealer, keyed_hash
from intake.domain.application import CheckedApplication

Id = UUID | str
"""An application's id; as text where it is at hand, for to write one costs more than to seal under it."""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Person:
    nik: str
    full_name: str
    birth_date: date
    sex: str | None
    phone: str | None


def of(application: CheckedApplication) -> Person:
    return Person(
        nik=application.nik,
        full_name=application.full_name,
        birth_date=application.birth_date,
        sex=application.sex,
        phone=application.phone,
    )


def person_hash(key: bytes, nik: str) -> bytes:
    """The same for every application of a person; nothing without the key."""
    return keyed_hash(key, "person", nik)


def seal(storage: Sealer, application_id: Id, person: Person) -> bytes:
    return storage.seal(to_json(_identity(person) | {"phone": person.phone}), _stored(application_id))


def unseal(storage: Sealer, application_id: Id, blob: bytes) -> Person:
    """The person of a row; raises NotOurs where the bytes belong to another row or another key."""
    values = json.loads(storage.open(blob, _stored(application_id)))
    return Person(**{**values, "birth_date": date.fromisoformat(values["birth_date"])})


def seal_for_gateway(courier: Sealer, application_id: Id, person: Person) -> bytes:
    return courier.seal(to_json(_identity(person)), _told(application_id))


def seal_both(storage: Sealer, courier: Sealer, application_id: str, person: Person) -> tuple[bytes, bytes]:
    """`seal` and `seal_for_gateway`; what both say is written once."""
    identity = to_json(_identity(person))
    stored = b'%b,"phone":%b}' % (identity[:-1], to_json(person.phone))
    return storage.seal(stored, _stored(application_id)), courier.seal(identity, _told(application_id))


def seal_values(storage: Sealer, purpose: str, application_id: Id, values: dict[str, Any]) -> bytes:
    """Seal what is not the person's record but not everybody's business either."""
    return seal_text(storage, purpose, application_id, to_json(values))


def unseal_values(storage: Sealer, purpose: str, application_id: Id, blob: bytes) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(unseal_text(storage, purpose, application_id, blob))
    return values


def seal_text(storage: Sealer, purpose: str, application_id: Id, text: bytes) -> bytes:
    """The same for what is written already."""
    return storage.seal(text, f"intake.{purpose}|{application_id}")


def unseal_text(storage: Sealer, purpose: str, application_id: Id, blob: bytes) -> bytes:
    return storage.open(blob, f"intake.{purpose}|{application_id}")


def _identity(person: Person) -> dict[str, str | None]:
    return {
        "nik": person.nik,
        "full_name": person.full_name,
        "birth_date": person.birth_date.isoformat(),
        "sex": person.sex,
    }


def _stored(application_id: Id) -> str:
    return f"intake.application.person|{application_id}"


def _told(application_id: Id) -> str:
    return f"verification|{application_id}"
