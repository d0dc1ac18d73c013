"""The same row and the same body, told by keyed fingerprints."""

from dataclasses import replace
from datetime import UTC, date, datetime

from intake.domain.application import CheckedApplication
from intake.domain.canonical import canonical_body, canonical_row, fingerprint

ROW = CheckedApplication(
    nik="2102030501909001",
    full_name="BUDI SANTOSO",
    birth_date=date(1990, 1, 5),
    sex="M",
    district_code="21.02.03",
    reason="lost",
    phone=None,
    reference="A-1",
    submitted_at=datetime(2018, 3, 1, 2, tzinfo=UTC),
)


def test_an_equal_row_has_the_same_form() -> None:
    assert canonical_row(replace(ROW)) == canonical_row(ROW)


def test_every_field_of_a_row_counts() -> None:
    others = [
        replace(ROW, nik="2102030501909002"),
        replace(ROW, full_name="BUDI SETIAWAN"),
        replace(ROW, birth_date=date(1990, 1, 6)),
        replace(ROW, sex=None),
        replace(ROW, district_code="21.02.04"),
        replace(ROW, reason="damaged"),
        replace(ROW, phone="+6281100000001"),
        replace(ROW, reference=None),
        replace(ROW, submitted_at=None),
    ]

    assert len({canonical_row(row) for row in [ROW, *others]}) == 10


def test_the_form_of_a_row_never_changes() -> None:
    assert canonical_row(ROW) == (
        b'["row/1","A-1","2102030501909001","BUDI SANTOSO","1990-01-05","M","21.02.03","lost",'
        b'"2018-03-01T02:00:00+00:00",null]'
    )


def test_the_order_of_a_bodys_members_does_not_count() -> None:
    assert canonical_body({"a": 1, "b": {"c": 2, "d": 3}}) == canonical_body({"b": {"d": 3, "c": 2}, "a": 1})


def test_a_bodys_values_count() -> None:
    assert canonical_body({"a": "1"}) != canonical_body({"a": 1})


def test_broken_text_in_a_body_has_a_form_too() -> None:
    assert canonical_body({"a": "\ud800"}) == b'["body/1",{"a":"\\ud800"}]'


def test_a_fingerprint_depends_on_its_key() -> None:
    one, other = (fingerprint(key, canonical_row(ROW)) for key in (b"k" * 32, b"l" * 32))

    assert len(one) == 32
    assert one != other
