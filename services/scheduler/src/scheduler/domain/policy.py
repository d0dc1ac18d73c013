"""Priority is time: what moves a card forward, what share is kept for whom, which kinds stand still."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from scheduler.domain.policy_errors import BadPolicy, FieldError, Findings
from scheduler.domain.policy_terms import BY_RANK, KINDS, OUTSIDE, REASONS, URGENT, Claim, Suspension

__all__ = [
    "BY_RANK",
    "DEFAULT_RULES",
    "KINDS",
    "OUTSIDE",
    "REASONS",
    "URGENT",
    "BadPolicy",
    "Claim",
    "FieldError",
    "Policy",
    "Suspension",
    "parse_rules",
    "to_json",
]

DAY: Final = 24 * 60
LONGEST_HEAD_START: Final = 36_500 * DAY
ALL_SHARES: Final = 1000
MOST_URGENT_PER_DAY: Final = 100_000

DEFAULT_RULES: Final[Mapping[str, Any]] = {
    "head_starts": {"first_issue": 365 * DAY, URGENT: 730 * DAY},
    "claims": [{"name": "no_head_start", "permille": 200, "without_head_start": True}],
    "suspensions": [],
    "urgent_per_day": 10,
}
"""An office's first rules: first-time holders a year ahead, urgent ones two; a fifth of all cards for the others."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """One version of an office's rules. `head_starts`: minutes by kind; a kind that is not named has none."""

    version: int
    head_starts: Mapping[str, int]
    claims: tuple[Claim, ...]
    suspensions: tuple[Suspension, ...]
    urgent_per_day: int

    def head_start(self, kind: str) -> timedelta:
        return timedelta(minutes=self.head_starts.get(kind, 0))

    @property
    def kinds_ahead(self) -> frozenset[str]:
        """The kinds that have a head start."""
        return frozenset(kind for kind, minutes in self.head_starts.items() if minutes > 0)

    def rank_at(self, kind: str, ranked_from: datetime) -> datetime:
        """The moment the card counts as having applied: the smallest goes first, ties by id."""
        return ranked_from - self.head_start(kind)

    def claim_covers(self, claim: Claim, kind: str, district: str) -> bool:
        """Whether a claim of this policy takes in the lane of this kind and district."""
        if claim.without_head_start and self.head_starts.get(kind, 0) > 0:
            return False
        return claim.covers(kind, district)

    def is_suspended(self, kind: str, at: datetime) -> bool:
        """Whether cards of this kind stand still at the moment `at`; a suspension's end is not part of it."""
        return any(
            suspension.kind == kind and (suspension.until is None or at < suspension.until)
            for suspension in self.suspensions
        )


def parse_rules(rules: Mapping[str, Any], *, version: int = 0) -> Policy:
    """The policy these rules are, as `version`. Raises BadPolicy naming every wrong field."""
    findings = Findings()
    top = {"head_starts", "claims", "suspensions", "urgent_per_day"}
    given = findings.fields(rules, "", required=top, optional=set())
    policy = Policy(
        version=version,
        head_starts=_head_starts(findings, given.get("head_starts", {})),
        claims=_claims(findings, given.get("claims", ())),
        suspensions=_suspensions(findings, given.get("suspensions", ())),
        urgent_per_day=findings.integer(
            given.get("urgent_per_day", 0), "urgent_per_day", low=0, high=MOST_URGENT_PER_DAY
        ),
    )
    findings.raise_if_any()
    return policy


def to_json(policy: Policy) -> dict[str, Any]:
    """The rules of a policy as plain JSON, the same text for the same rules; `parse_rules` reads them back."""
    return {
        "head_starts": dict(sorted(policy.head_starts.items())),
        "claims": [
            {
                "name": claim.name,
                "permille": claim.permille,
                "kinds": sorted(claim.kinds),
                "districts": sorted(claim.districts),
                "without_head_start": claim.without_head_start,
            }
            for claim in policy.claims
        ],
        "suspensions": [
            {
                "kind": suspension.kind,
                "until": suspension.until and suspension.until.isoformat(),
                "reason": suspension.reason,
            }
            for suspension in policy.suspensions
        ],
        "urgent_per_day": policy.urgent_per_day,
    }


def _head_starts(findings: Findings, value: object) -> dict[str, int]:
    found = {}
    for kind, minutes in findings.table(value, "head_starts").items():
        field = f"head_starts.{kind}"
        if not _is_kind(kind):
            findings.add(field, "unknown_kind", value=str(kind)[:40])
        found[kind] = findings.integer(minutes, field, low=0, high=LONGEST_HEAD_START)
    return found


def _claims(findings: Findings, value: object) -> tuple[Claim, ...]:
    claims = tuple(
        _claim(findings, row, f"claims[{n}]") for n, row in enumerate(findings.rows(value, "claims"))
    )
    seen: set[str] = set()
    for n, claim in enumerate(claims):
        if claim.name and claim.name in seen:
            findings.add(f"claims[{n}].name", "duplicate_claim", value=claim.name)
        seen.add(claim.name)
    if (total := sum(claim.permille for claim in claims)) > ALL_SHARES:
        findings.add("claims", "over_committed", value=total)
    return claims


def _claim(findings: Findings, value: object, field: str) -> Claim:
    optional = {"kinds", "districts", "without_head_start"}
    row = findings.fields(value, field, required={"name", "permille"}, optional=optional)
    name = findings.text(row["name"], f"{field}.name") if "name" in row else ""
    if name == BY_RANK:
        findings.add(f"{field}.name", "reserved_name", value=name)
    return Claim(
        name=name,
        permille=findings.integer(row.get("permille", 1), f"{field}.permille", low=1, high=ALL_SHARES),
        kinds=findings.names(row.get("kinds", ()), f"{field}.kinds", _is_kind, "unknown_kind"),
        districts=findings.names(
            row.get("districts", ()), f"{field}.districts", _is_district, "unknown_district"
        ),
        without_head_start=findings.boolean(
            row.get("without_head_start", False), f"{field}.without_head_start"
        ),
    )


def _suspensions(findings: Findings, value: object) -> tuple[Suspension, ...]:
    return tuple(
        _suspension(findings, row, f"suspensions[{n}]")
        for n, row in enumerate(findings.rows(value, "suspensions"))
    )


def _suspension(findings: Findings, value: object, field: str) -> Suspension:
    row = findings.fields(value, field, required={"kind", "reason"}, optional={"until"})
    kind = findings.text(row["kind"], f"{field}.kind") if "kind" in row else ""
    if kind and not _is_kind(kind):
        findings.add(f"{field}.kind", "unknown_kind", value=kind[:40])
    return Suspension(
        kind=kind,
        until=findings.moment(row.get("until"), f"{field}.until"),
        reason=findings.text(row["reason"], f"{field}.reason") if "reason" in row else "",
    )


def _is_kind(name: object) -> bool:
    return name in KINDS


def _is_district(name: str) -> bool:
    return name == OUTSIDE or re.fullmatch(r"\d\d\.\d\d\.\d\d", name) is not None
