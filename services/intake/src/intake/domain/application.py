"""An application as posted, and what it is worth: either clean with warnings, or refused with every field at fault."""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from backbone.contracts.intake import Reason
from intake.domain.fields import (
    Source,
    check_earliest,
    read_birth_date,
    read_district_code,
    read_reason,
    read_reference,
    read_sex,
    read_submitted_at,
)
from intake.domain.finding import Finding, Findings
from intake.domain.names import read_name
from intake.domain.nik import Sex, compare, read_nik
from intake.domain.phones import read_phone
from intake.domain.regions import Regions


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class ApplicationDraft:
    """Raw text as posted or as it stands in a file. `submitted_at` is a kiosk's `captured_at` where one posts."""

    nik: str
    full_name: str
    birth_date: str
    sex: str = ""
    district_code: str
    reason: str
    phone: str = ""
    reference: str = ""
    submitted_at: str = ""


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class CheckedApplication:
    """A clean application. `phone` is E.164; `submitted_at` is UTC, and of a kiosk or counter only information."""

    nik: str
    full_name: str
    birth_date: date
    sex: Sex | None
    district_code: str
    reason: Reason
    phone: str | None
    reference: str | None
    submitted_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """Either an application, or at least one error; warnings go with both."""

    application: CheckedApplication | None
    errors: tuple[Finding, ...]
    warnings: tuple[Finding, ...]


def check(
    draft: ApplicationDraft,
    *,
    regions: Regions,
    now: datetime,
    office_tz: tzinfo,
    earliest: date,
    source: Source,
) -> Verdict:
    """Judge every field at once. `now` is aware; `earliest` is the first day, in office time, an import may name."""
    found = Findings()
    nik = read_nik(draft.nik, found)
    full_name = read_name(draft.full_name, found)
    moment = read_submitted_at(draft.submitted_at, now, office_tz, source, found)
    submission = moment if source == "import" and moment is not None else now
    day = submission.astimezone(office_tz).date()
    if source == "import":
        check_earliest(day, earliest, found)
    birth_date = read_birth_date(draft.birth_date, day, found)
    sex = read_sex(draft.sex, found)
    district_code = read_district_code(draft.district_code, regions, found)
    reason = read_reason(draft.reason, found)
    phone = read_phone(draft.phone, found)
    reference = read_reference(draft.reference, source, found)
    if nik is not None:
        compare(nik, birth_date=birth_date, sex=sex, regions=regions, found=found)
    if found.errors or nik is None or full_name is None or birth_date is None or reason is None:
        return Verdict(application=None, errors=tuple(found.errors), warnings=tuple(found.warnings))
    application = CheckedApplication(
        nik=nik.number,
        full_name=full_name,
        birth_date=birth_date,
        sex=sex,
        district_code=district_code,
        reason=reason,
        phone=phone,
        reference=reference,
        submitted_at=moment,
    )
    return Verdict(application=application, errors=(), warnings=tuple(found.warnings))
