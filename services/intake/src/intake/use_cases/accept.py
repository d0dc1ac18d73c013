"""One application from a kiosk or a counter: checked, sealed, stored with its neighbours, answered."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from backbone.problems import Conflict, FieldError, Invalid, Problem, Unavailable
from backbone.rights import Actor
from intake.domain.application import ApplicationDraft, CheckedApplication, Verdict, check
from intake.domain.canonical import canonical_body, canonical_row, fingerprint
from intake.domain.finding import Finding
from intake.domain.receipt import RANDOM_BYTES, derive_pin, make_receipt
from intake.store.postings import Keyed, NewApplication
from intake.use_cases import group_commit, people
from intake.use_cases.desk import Desk, office_of, received_by
from intake.use_cases.group_commit import Posting

TRIES = 3
"""A receipt number that is taken, or an obstacle that went away meanwhile, is tried so often."""
ANSWER = "idempotency.answer"
SEES_RECEIPTS = frozenset({"counter", "operator", "supervisor"})


class KeyReused(Problem):
    status = 422
    slug = "idempotency-key-reused"
    message_id = "Kunci ini sudah dipakai untuk permohonan yang isinya berbeda. Buat kunci baru."
    message_en = "This key was used for an application whose content differs. Make a new key."


class OpenApplication(Conflict):
    slug = "open-application"
    message_id = (
        "Permohonan tidak dapat diterima karena sudah ada yang sedang diproses. Silakan bertanya di loket."
    )
    message_en = "The application cannot be taken since another one is under way. Please ask at the counter."


class ReferenceInUse(Conflict):
    slug = "reference-in-use"
    message_id = "Nomor permohonan ini sudah dipakai di kantor ini."
    message_en = "This reference is in use in this office."


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """What the sender is told. `answer` is a JSON object, without the PIN."""

    answer: bytes
    pin: str
    repeated: bool = False


async def accept(
    desk: Desk, actor: Actor, key: str, draft: ApplicationDraft, body: Mapping[str, object]
) -> Accepted:
    """Durable when it returns. `body` is what the idempotency key stands for.

    Raises Invalid, KeyReused, OpenApplication, ReferenceInUse; Unavailable where it cannot store.
    """
    office, source = office_of(actor), received_by(actor)
    verdict = judge(desk, draft, source)
    if verdict.application is None:
        raise Invalid(errors=field_errors(verdict.errors))
    body_hash = fingerprint(desk.keys.fingerprint, canonical_body(body))
    for _ in range(TRIES):
        posting, answer = _posting(
            desk, actor, verdict.application, verdict.warnings, office, source, key, body_hash
        )
        outcome = await desk.group.submit(posting)
        match outcome:
            case group_commit.Stored():
                desk.watch.expect()
                return Accepted(answer=answer, pin=derive_pin(desk.keys.pin, posting.row.id, 1))
            case group_commit.Repeated():
                return _repeated(desk, outcome)
            case group_commit.OtherBody():
                raise KeyReused
            case group_commit.PersonOpen():
                raise _open_application(desk, actor, outcome, verdict.application)
            case group_commit.ReferenceTaken():
                raise ReferenceInUse
            case group_commit.Again():
                continue
    raise Unavailable(retry_after=5)


def judge(desk: Desk, draft: ApplicationDraft, source: Any) -> Verdict:
    return check(
        draft,
        regions=desk.regions,
        now=desk.clock.now(),
        office_tz=desk.terms.tz,
        earliest=desk.terms.earliest_import,
        source=source,
    )


def field_errors(findings: Sequence[Finding]) -> list[FieldError]:
    return [
        FieldError(field=f.field, code=f.code, message_id=f.message_id, message_en=f.message_en)
        for f in findings
    ]


def warning_codes(warnings: Sequence[Finding]) -> str:
    """What a row keeps of its warnings: a JSON list of `field.code`."""
    return json.dumps([f"{found.field}.{found.code}" for found in warnings]) if warnings else "[]"


def new_application(
    desk: Desk,
    application: CheckedApplication,
    *,
    id: UUID,  # noqa: A002  # the row's word
    office: str,
    source: str,
    device: str,
    person_hash: bytes,
    row_hash: bytes | None,
    warnings: Sequence[Finding],
) -> tuple[NewApplication, bytes]:
    """The row, with a fresh receipt number, and what is sealed for the gateway."""
    person, named = people.of(application), str(id)
    row = NewApplication(
        id=id,
        office=office,
        receipt_number=make_receipt(office, secrets.token_bytes(RANDOM_BYTES)),
        reference=application.reference,
        source=source,
        district_code=application.district_code,
        reason=application.reason,
        captured_at=None if source == "import" else application.submitted_at,
        device=device,
        person_hash=person_hash,
        nik_last4=person.nik[-4:],
        person=people.seal(desk.keys.storage, named, person),
        row_hash=row_hash,
        warnings=warning_codes(warnings),
    )
    return row, people.seal_for_gateway(desk.keys.courier, named, person)


def row_hash_of(desk: Desk, application: CheckedApplication) -> bytes | None:
    """Tells the same row by its keyed hash; only a row with a reference can come again."""
    if application.reference is None:
        return None
    return fingerprint(desk.keys.fingerprint, canonical_row(application))


def _posting(
    desk: Desk,
    actor: Actor,
    application: CheckedApplication,
    warnings: Sequence[Finding],
    office: str,
    source: str,
    key: str,
    body_hash: bytes,
) -> tuple[Posting, bytes]:
    row, sealed = new_application(
        desk,
        application,
        id=desk.ids.new(),
        office=office,
        source=source,
        device=actor.subject,
        person_hash=people.person_hash(desk.keys.person, application.nik),
        row_hash=row_hash_of(desk, application),
        warnings=warnings,
    )
    named = str(row.id)
    answer = to_json(_answer(named, row.receipt_number, warnings))
    keyed = Keyed(
        key=key,
        fingerprint=body_hash,
        answer=people.seal_text(desk.keys.storage, ANSWER, named, answer),
    )
    return Posting(row=row, keyed=keyed, sealed=sealed), answer


def _answer(application_id: str, receipt_number: str, warnings: Sequence[Finding]) -> dict[str, Any]:
    return {
        "application_id": application_id,
        "receipt_number": receipt_number,
        "status": "received",
        "warnings": [error.model_dump() for error in field_errors(warnings)],
        "links": {
            "self": f"/intake/v1/applications/{application_id}",
            "receipt": f"/intake/v1/receipts/{receipt_number}",
        },
    }


def _repeated(desk: Desk, found: group_commit.Repeated) -> Accepted:
    answer = people.unseal_text(desk.keys.storage, ANSWER, found.application_id, found.answer)
    pin = derive_pin(desk.keys.pin, found.application_id, found.pin_version)
    return Accepted(answer=answer, pin=pin, repeated=True)


def _open_application(
    desk: Desk, actor: Actor, found: group_commit.PersonOpen, application: CheckedApplication
) -> OpenApplication:
    """The neutral sentence; the receipt number only for a counter that knows the person anyway."""
    if actor.scopes & SEES_RECEIPTS:
        person = people.unseal(desk.keys.storage, found.id, found.person)
        if (person.full_name, person.birth_date) == (application.full_name, application.birth_date):
            return OpenApplication(receipt_number=found.receipt_number)
    return OpenApplication()
