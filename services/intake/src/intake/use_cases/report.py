"""What an import is told in the end: counts, and the rows a person should look at."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

from intake.domain.finding import Finding

RowVerdict = Literal["accepted", "accepted_with_warning", "duplicate", "duplicate_person", "rejected"]

SHOWN: Final = 1000
"""Rows of one verdict that a report lists; the others are counted."""


class RowReport(NamedTuple):
    """One row's verdict. Both dates stand where the person has an open case. A tuple, as an import has many of them."""

    line: int
    reference: str
    verdict: RowVerdict
    findings: Sequence[Finding] = ()
    submitted_at: datetime | None = None
    open_since: datetime | None = None

    def shown(self) -> dict[str, Any]:
        found: dict[str, Any] = {"line": self.line, "reference": self.reference, "verdict": self.verdict}
        found["findings"] = [
            {"field": f.field, "code": f.code, "message_id": f.message_id, "message_en": f.message_en}
            for f in self.findings
        ]
        if self.open_since is not None:
            found |= {"submitted_at": self.submitted_at, "open_since": self.open_since}
        return found


@dataclass(kw_only=True)
class Report:
    """Grows a chunk at a time, in the order of the rows."""

    counts: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    problems: list[RowReport] = field(default_factory=list)
    left_out: int = 0
    earliest: datetime | None = None

    def add(self, rows: Sequence[RowReport]) -> None:
        for row in rows:
            self.counts[row.verdict] += 1
            if row.verdict != "accepted":
                self._list(row)
            if row.verdict == "accepted_with_warning":
                self.warnings.update(f"{found.field}.{found.code}" for found in row.findings)

    def accepted_at(self, moments: Sequence[datetime]) -> None:
        known = [] if self.earliest is None else [self.earliest]
        self.earliest = min((*known, *moments), default=None)

    def followed_by(self, rows: Sequence[RowReport], accepted_at: Sequence[datetime]) -> "Report":
        """This report and what comes after it, as one; this one stays as it is."""
        found = Report(
            counts=self.counts.copy(),
            warnings=self.warnings.copy(),
            problems=self.problems.copy(),
            left_out=self.left_out,
            earliest=self.earliest,
        )
        found.add(rows)
        found.accepted_at(accepted_at)
        return found

    @property
    def rows(self) -> int:
        return self.counts.total()

    def summary(self) -> dict[str, Any]:
        """The counts, which a batch keeps."""
        return {
            "accepted": self.counts["accepted"],
            "accepted_with_warning": self.counts["accepted_with_warning"],
            "duplicates": self.counts["duplicate"],
            "duplicate_persons": self.counts["duplicate_person"],
            "rejected": self.counts["rejected"],
            "warnings": dict(self.warnings),
            "earliest": None if self.earliest is None else self.earliest.isoformat(),
        }

    def shown(self) -> dict[str, Any]:
        listed = [row.shown() for row in self.problems]
        return {"rows": self.rows, **self.summary(), "problems": listed, "problems_left_out": self.left_out}

    def _list(self, row: RowReport) -> None:
        if self.counts[row.verdict] <= SHOWN:
            self.problems.append(row)
        else:
            self.left_out += 1
