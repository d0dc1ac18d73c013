"""Beside a service target: what is used and left; pages in the order of what is due."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.domain.targets import BadCursor, Risk, page_of, read_cursor, risk, write_cursor

MONDAY = datetime(2018, 7, 2, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def made(n: int, *, kind: str = "lost", target: float = 10, used: float = 8, **values: Any) -> Risk:
    row = {
        "id": UUID(int=n),
        "receipt_number": f"2102-{n}",
        "kind": kind,
        "reason": "lost",
        "district_code": "21.02.03",
        "state": "waiting",
        "frozen_by": None,
        "received_at": MONDAY,
        "ranked_from": MONDAY - used * HOUR,
        **values,
    }
    return risk(row, target, used * 3600, row["ranked_from"] + target * HOUR)


@pytest.mark.parametrize(("used", "exceeded"), [(9.99, False), (10, True), (12.5, True)])
def test_what_is_used_and_left_is_told_in_hours_and_as_a_part(used: float, exceeded: bool) -> None:
    found = made(1, used=used)

    assert found.used_hours == used
    assert found.left_hours == pytest.approx(10 - used)
    assert found.used_share == pytest.approx(used / 10, abs=1e-3)
    assert (found.exceeded, found.frozen) == (exceeded, False)
    assert made(1, frozen_by=7).frozen


def test_the_worst_come_first_over_all_kinds_and_what_is_never_due_last() -> None:
    late, soon = made(1, used=30, target=10), made(2, used=9, target=10)
    other = made(3, kind="first_issue", used=38, target=40)
    never = risk({**made(4).__dict__, "frozen_by": None}, 10, 0, None)

    page, more = page_of([never, soon, other, late], 3)

    assert ([one.id.int for one in page], more) == ([1, 2, 3], True)
    assert page_of([never, soon], 2) == ([soon, never], False)


@given(
    st.lists(st.tuples(st.sampled_from(["lost", "first_issue"]), st.integers(0, 20)), max_size=20),
    st.integers(1, 5),
)
def test_pages_show_every_case_once_in_order(cases: list[tuple[str, int]], limit: int) -> None:
    every = [made(n, kind=kind, used=used) for n, (kind, used) in enumerate(cases)]
    shown: list[Risk] = []
    cursor, more = None, True
    while more:
        marks = read_cursor(cursor)
        beginning = (datetime.min.replace(tzinfo=UTC), UUID(int=0))
        left = [one for one in every if (one.ranked_from, one.id) > marks.get(one.kind, beginning)]
        page, more = page_of(left, limit)
        shown += page
        cursor = write_cursor(marks, page)

    assert shown == page_of(every, len(every))[0]


@pytest.mark.parametrize(
    "text",
    ["", "%%%", "bm90IGpzb24=", "W10=", "eyJsb3N0IjogMX0=", "eyJsb3N0IjogWyIyMDE4LTA3LTAyIiwgIjAiXX0="],
)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(BadCursor):
        read_cursor(text)


def test_a_cursor_without_a_zone_is_refused() -> None:
    wrong = made(1, ranked_from=datetime(2018, 7, 2))  # noqa: DTZ001
    with pytest.raises(BadCursor):
        read_cursor(write_cursor({}, [wrong]))
