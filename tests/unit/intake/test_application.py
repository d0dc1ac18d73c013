"""An application's verdict: all wrong fields at once, or a clean value with its warnings."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.application import ApplicationDraft, CheckedApplication, Verdict, check
from intake.domain.fields import LONGEST_REFERENCE, REASONS, Source
from intake.regions_file import packaged_regions

WIB = ZoneInfo("Asia/Jakarta")
NOW = datetime(2018, 7, 2, 2, tzinfo=UTC)
DRAFT = ApplicationDraft(
    nik="2102030501909001",
    full_name="Budi Santoso",
    birth_date="1990-01-05",
    sex="L",
    district_code="21.02.03",
    reason="LOST",
    phone="081100000001",
    reference="A-1",
    submitted_at="2018-03-01T09:00:00",
)


def judged(draft: ApplicationDraft, source: Source = "import") -> Verdict:
    return check(
        draft,
        regions=packaged_regions(),
        now=NOW,
        office_tz=WIB,
        earliest=date(2011, 1, 1),
        source=source,
    )


def clean(draft: ApplicationDraft, source: Source = "import") -> CheckedApplication:
    verdict = judged(draft, source)
    assert verdict.application is not None, verdict.errors
    return verdict.application


def errors(draft: ApplicationDraft, source: Source = "import") -> list[tuple[str, str]]:
    verdict = judged(draft, source)
    assert verdict.application is None
    return [(finding.field, finding.code) for finding in verdict.errors]


def warnings(draft: ApplicationDraft, source: Source = "import") -> list[tuple[str, str]]:
    verdict = judged(draft, source)
    assert not verdict.errors
    return [(finding.field, finding.code) for finding in verdict.warnings]


def test_a_clean_application_has_every_field_in_its_one_form() -> None:
    assert clean(DRAFT) == CheckedApplication(
        nik="2102030501909001",
        full_name="BUDI SANTOSO",
        birth_date=date(1990, 1, 5),
        sex="M",
        district_code="21.02.03",
        reason="lost",
        phone="+6281100000001",
        reference="A-1",
        submitted_at=datetime(2018, 3, 1, 2, tzinfo=UTC),
    )
    assert warnings(DRAFT) == []


def test_a_kiosk_may_leave_out_what_is_optional() -> None:
    bare = replace(DRAFT, sex="", phone="", reference="", submitted_at="")

    application = clean(bare, "kiosk")

    assert (application.sex, application.phone, application.reference, application.submitted_at) == (
        None,
    ) * 4


def test_all_that_an_empty_row_lacks_is_named_at_once() -> None:
    empty = ApplicationDraft(nik="", full_name="", birth_date="", district_code="", reason="")

    fields_of = {"nik", "full_name", "birth_date", "district_code", "reason", "reference", "submitted_at"}
    assert set(errors(empty)) == {(field, "missing") for field in fields_of}


def test_a_kiosk_owes_neither_reference_nor_time() -> None:
    empty = ApplicationDraft(nik="", full_name="", birth_date="", district_code="", reason="")

    assert {field for field, _ in errors(empty, "kiosk")} == {
        "nik",
        "full_name",
        "birth_date",
        "district_code",
        "reason",
    }


@pytest.mark.parametrize(
    ("field", "raw", "code"),
    [
        ("nik", "210203", "length"),
        ("full_name", "=1+1", "characters"),
        ("birth_date", "05/01/90", "two_digit_year"),
        ("birth_date", "2001-02-29", "impossible_date"),
        ("birth_date", "1899-12-31", "before_1900"),
        ("birth_date", "2018-03-02", "after_submission"),
        ("sex", "X", "unknown"),
        ("district_code", "21.02.99", "unknown"),
        ("district_code", "210203", "unknown"),
        ("reason", "urgent", "unknown"),
        ("reason", "renewal", "unknown"),
        ("reference", "A\x001", "malformed"),
        ("reference", "A" * (LONGEST_REFERENCE + 1), "malformed"),
        ("submitted_at", "yesterday", "format"),
        ("submitted_at", "2099-01-01T09:00:00", "in_future"),
        ("submitted_at", "2018-07-02T09:00:01", "in_future"),
        ("submitted_at", "2010-12-31T23:59:59", "too_early"),
    ],
)
def test_a_wrong_field_is_named_with_its_cause(field: str, raw: str, code: str) -> None:
    draft = replace(DRAFT, **{field: raw})

    assert errors(draft) == [(field, code)]


def test_the_earliest_day_counts_from_its_first_minute_in_the_office() -> None:
    application = clean(replace(DRAFT, submitted_at="2011-01-01"))

    assert application.submitted_at == datetime(2010, 12, 31, 17, tzinfo=UTC)


def test_this_very_moment_is_not_the_future() -> None:
    assert clean(replace(DRAFT, submitted_at="2018-07-02T09:00:00")).submitted_at == NOW


def test_a_kiosks_time_is_information_that_refuses_nobody() -> None:
    ahead = replace(DRAFT, submitted_at="2018-07-02T09:00:01")

    assert warnings(ahead, "kiosk") == [("captured_at", "in_future")]
    assert warnings(replace(DRAFT, submitted_at="1980-01-06T00:00:00"), "kiosk") == []


def test_a_kiosks_time_must_be_a_time() -> None:
    assert errors(replace(DRAFT, submitted_at="now"), "kiosk") == [("captured_at", "format")]


@pytest.mark.parametrize("raw", ["M", "L", "m", " l "])
def test_a_man_is_m_or_l(raw: str) -> None:
    assert clean(replace(DRAFT, sex=raw)).sex == "M"


@pytest.mark.parametrize("raw", ["F", "P", "f", "p"])
def test_a_woman_is_f_or_p(raw: str) -> None:
    assert clean(replace(DRAFT, nik="2102034501909001", sex=raw)).sex == "F"


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_but_urgent_may_be_asked_for(reason: str) -> None:
    assert clean(replace(DRAFT, reason=f" {reason.upper()} ")).reason == reason


def test_there_are_seven_reasons() -> None:
    assert len(REASONS) == 7
    assert "urgent" not in REASONS


def test_someone_who_was_seventeen_that_day_warns_of_nothing() -> None:
    draft = replace(DRAFT, nik="2102030103019001", birth_date="2001-03-01")

    assert warnings(draft) == []


def test_someone_a_day_short_of_seventeen_warns() -> None:
    draft = replace(DRAFT, nik="2102030203019001", birth_date="2001-03-02")

    assert warnings(draft) == [("age", "under_17")]


def test_the_day_of_submission_is_the_offices_day() -> None:
    draft = replace(
        DRAFT, nik="2102030203019001", birth_date="2001-03-02", submitted_at="2018-03-01T17:00:00Z"
    )

    assert warnings(draft) == []


def test_someone_born_on_29_february_is_seventeen_on_1_march() -> None:
    draft = replace(DRAFT, nik="2102032902009001", birth_date="2000-02-29")

    assert warnings(replace(draft, submitted_at="2017-02-28")) == [("age", "under_17")]
    assert warnings(replace(draft, submitted_at="2017-03-01")) == []


def test_at_a_kiosk_age_counts_today() -> None:
    draft = replace(DRAFT, nik="2102030207019001", birth_date="2001-07-02")

    assert warnings(draft, "kiosk") == []
    assert warnings(draft) == [("age", "under_17")]


def test_a_bad_phone_costs_nobody_the_application() -> None:
    draft = replace(DRAFT, phone="not a phone")

    assert clean(draft).phone is None
    assert warnings(draft) == [("phone", "unusable")]


def test_what_the_nik_says_otherwise_only_warns() -> None:
    draft = replace(DRAFT, nik="9101034601909001")

    assert warnings(draft) == [
        ("birth_date", "differs_from_nik"),
        ("sex", "differs_from_nik"),
        ("region", "retired"),
    ]


def test_a_nik_made_elsewhere_than_the_domicile_is_normal() -> None:
    assert warnings(replace(DRAFT, district_code="21.71.01", reason="outside_domicile")) == []


def test_warnings_are_told_beside_errors() -> None:
    verdict = judged(replace(DRAFT, full_name="Sukarno", reason="urgent"))

    assert [finding.field for finding in verdict.warnings] == ["full_name"]


@given(
    st.builds(ApplicationDraft, **{field.name: st.text(max_size=30) for field in fields(ApplicationDraft)})
)
def test_whatever_is_posted_is_either_clean_or_refused_in_two_languages(draft: ApplicationDraft) -> None:
    verdict = judged(draft)

    assert (verdict.application is None) == bool(verdict.errors)
    assert all(finding.message_id and finding.message_en for finding in verdict.errors + verdict.warnings)


def test_nobodys_data_show_in_a_representation() -> None:
    assert "BUDI" not in repr(judged(DRAFT)).upper()
    assert "BUDI" not in repr(DRAFT).upper()
