"""A person's data, in the open only in memory: sealed for our rows, sealed for the gateway, hashed for look-up."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from backbone.seal import Sealer, keyed_hash
from intake.domain.application import CheckedApplication

_ENCODE = json.JSONEncoder(separators=(",", ":")).encode


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


def seal(storage: Sealer, application_id: UUID, person: Person) -> bytes:
    return storage.seal(_json(_identity(person) | {"phone": person.phone}), _stored(application_id))


def unseal(storage: Sealer, application_id: UUID, blob: bytes) -> Person:
    """The person of a row; raises NotOurs where the bytes belong to another row or another key."""
    values = json.loads(storage.open(blob, _stored(application_id)))
    return Person(**{**values, "birth_date": date.fromisoformat(values["birth_date"])})


def seal_for_gateway(courier: Sealer, application_id: UUID, person: Person) -> bytes:
    return courier.seal(_json(_identity(person)), f"verification|{application_id}")


def seal_values(storage: Sealer, purpose: str, application_id: UUID, values: dict[str, Any]) -> bytes:
    """Seal what is not the person's record but not everybody's business either."""
    return storage.seal(_json(values), f"intake.{purpose}|{application_id}")


def unseal_values(storage: Sealer, purpose: str, application_id: UUID, blob: bytes) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(storage.open(blob, f"intake.{purpose}|{application_id}"))
    return values


def _identity(person: Person) -> dict[str, str | None]:
    return {
        "nik": person.nik,
        "full_name": person.full_name,
        "birth_date": person.birth_date.isoformat(),
        "sex": person.sex,
    }


def _stored(application_id: UUID) -> str:
    return f"intake.application.person|{application_id}"


def _json(values: dict[str, Any]) -> bytes:
    return _ENCODE(values).encode()
