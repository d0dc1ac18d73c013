"""The sample backlogs: every row gets the verdict that is owed to it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from intake.domain.application import CheckedApplication, Verdict, check
from intake.domain.backlog_file import Row, read_backlog
from intake.domain.canonical import canonical_row, fingerprint
from intake.domain.finding import Finding
from intake.regions_file import packaged_regions

KEY = b"k" * 32
Judgement = tuple[str, str]


@dataclass
class Register:
    """What the database will be asked: which references and which persons are taken, the first accepted wins."""

    references: dict[str | None, bytes] = field(default_factory=dict)
    persons: set[str] = field(default_factory=set)

    def judge(self, row: Row) -> Judgement:
        if row.draft is None:
            return "rejected", names([row.finding] if row.finding else [])
        verdict = judged(row)
        if verdict.application is None:
            return "rejected", names(verdict.errors)
        return self._admit(verdict.application) or (
            ("accepted_with_warning", names(verdict.warnings)) if verdict.warnings else ("accepted", "")
        )

    def _admit(self, application: CheckedApplication) -> Judgement | None:
        mark = fingerprint(KEY, canonical_row(application))
        known = self.references.get(application.reference)
        if known is not None:
            return ("duplicate", "") if known == mark else ("rejected", "reference")
        if application.nik in self.persons:
            return "duplicate_person", "nik"
        self.references[application.reference] = mark
        self.persons.add(application.nik)
        return None


def names(findings: list[Finding] | tuple[Finding, ...]) -> str:
    return ",".join(dict.fromkeys(finding.field for finding in findings))


def judged(row: Row) -> Verdict:
    assert row.draft is not None
    return check(
        row.draft,
        regions=packaged_regions(),
        now=datetime(2018, 6, 29, 0, 30, tzinfo=UTC),
        office_tz=ZoneInfo("Asia/Jakarta"),
        earliest=date(2011, 1, 1),
        source="import",
    )


def chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(65536):
            yield chunk


@pytest.fixture
def messy(data: Path) -> list[Judgement]:
    register = Register()
    return [register.judge(row) for row in read_backlog(chunks(data / "backlog-messy.csv"))]


def test_every_kind_of_trouble_gets_the_verdict_owed_to_it(messy: list[Judgement], data: Path) -> None:
    expected = json.loads((data / "backlog-messy.expected.json").read_text(encoding="utf-8"))

    assert messy == [(entry["verdict"], entry["field_or_warning"]) for entry in expected]


def test_a_second_import_of_the_same_file_accepts_nothing(data: Path) -> None:
    register = Register()
    first = [register.judge(row) for row in read_backlog(chunks(data / "backlog-messy.csv"))]
    second = [register.judge(row) for row in read_backlog(chunks(data / "backlog-messy.csv"))]

    assert {verdict for verdict, _ in second} == {"duplicate", "duplicate_person", "rejected"}
    assert [verdict for verdict, _ in second].count("duplicate") == 1 + sum(
        verdict in {"accepted", "accepted_with_warning"} for verdict, _ in first
    )


def test_a_spreadsheets_file_is_judged_like_any_other(data: Path) -> None:
    register = Register()

    verdicts = [register.judge(row) for row in read_backlog(chunks(data / "backlog-excel.csv"))]

    assert verdicts == [("accepted", ""), ("rejected", "nik"), ("rejected", "full_name"), ("accepted", "")]


def test_a_nik_that_a_spreadsheet_destroyed_is_told_as_such(data: Path) -> None:
    destroyed = list(read_backlog(chunks(data / "backlog-excel.csv")))[1]

    assert [finding.code for finding in judged(destroyed).errors] == ["scientific_notation"]


def test_the_whole_backlog_of_karimun_is_accepted_without_a_warning() -> None:
    content = files("onebox").joinpath("demo/backlog-karimun.csv").read_bytes()
    register = Register()

    verdicts = [register.judge(row) for row in read_backlog([content])]

    assert verdicts == [("accepted", "")] * 3000
