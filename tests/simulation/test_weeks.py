"""Five weeks an office may live through: who is served, when it has recovered, and every promise kept throughout.

Each ends with the whole audit: first come and floors are replayed there from the release log.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from tests.simulation.people import Asker, Crowd, every
from tests.simulation.scene import WIB, Card, Scene

from simulator.domain.window import OtherHours

OTHERS = ("data_change", "lost", "damaged", "moved_in")
MIXED = ("data_change", "first_issue", "lost", "damaged", "data_change", "moved_in", "lost")
SHARE, SLACK = 0.2, 2
"""What the first policy keeps for all kinds without a head start, less two."""
HEAD_START = timedelta(days=365)
LONG_AGO = datetime(2018, 1, 8, 8, 0, tzinfo=WIB)
PRINTING_HOURS = 16.5


def on(month: int, day: int, hour: int = 7, minute: int = 30) -> datetime:
    return datetime(2018, month, day, hour, minute, tzinfo=WIB)


def counter_days(first: date, n: int) -> list[date]:
    """The first n weekdays from a date on."""
    days = (first + timedelta(days=k) for k in range(2 * n + 7))
    return [day for day in days if day.weekday() < 5][:n]


def come(crowd: Crowd, days: Sequence[date], a_day: int) -> list[Asker]:
    """So many people at the kiosk on each of these days, between nine and three."""
    return [
        who
        for day in days
        for who in crowd.at(
            every(datetime(day.year, day.month, day.day, 9, 0, tzinfo=WIB), a_day, minutes=360 / a_day), MIXED
        )
    ]


def by_day(cards: Sequence[Card]) -> dict[date, list[Card]]:
    days: dict[date, list[Card]] = {}
    for card in cards:
        days.setdefault(card.closed_at.date(), []).append(card)
    return days


def is_first(card: Card) -> bool:
    return card.kind == "first_issue"


def in_order(cards: Sequence[Card]) -> bool:
    """Whether each lane came in the order of asking. Two printers end cards begun together in either order."""
    lanes: dict[tuple[str, str], list[Card]] = {}
    for card in sorted(cards, key=lambda card: card.armed_at):
        lanes.setdefault((card.kind, card.district), []).append(card)
    return all(
        one.received_at <= two.received_at or two.armed_at - one.armed_at < timedelta(seconds=5)
        for lane in lanes.values()
        for one, two in pairwise(lane)
    )


async def test_the_articles_week_ends_with_the_backlog_gone_and_no_approval_lost(open_here: Any) -> None:
    crowd = Crowd()
    closes = OtherHours(from_=on(6, 29, 0, 0), until=on(7, 6, 7, 0), hours="07:30-15:00")
    leavers = every(on(7, 2, 9, 0), 20, minutes=10)
    scene = Scene(
        start=on(6, 29),
        seconds=2400,
        other_hours=[closes],
        outages=[(on(7, 4, 10, 0), on(7, 4, 11, 0), None)],
        backlog=crowd.at(every(LONG_AGO, 210, minutes=300), OTHERS),
        walk_ins=come(crowd, counter_days(date(2018, 6, 29), 4), 8) + crowd.at(leavers, ["first_issue"]),
        deliveries=[(on(6, 29), 105), (on(7, 3, 19, 0), 100)],
    )
    async with open_here(crowd, scene) as world:
        gone_at = await world.until_all_printed(by=on(7, 6, 7, 0))
        cards, calls, expired = await world.cards(), await world.calls(), await world.expired()
        findings = await world.findings()

    first_waits = [card.waited for card in cards if is_first(card)]
    assert findings == []
    assert len(cards) == len(crowd.all) == 262
    assert expired == 0
    assert all(call.hour < 15 for call in calls)
    assert sum(card.armed_at.hour >= 15 for card in cards) > len(cards) / 3
    assert not [card for card in cards if on(7, 3, 14, 0) < card.armed_at < on(7, 3, 19, 0)]
    assert median(first_waits) < timedelta(hours=24)
    assert on(7, 4, 18, 0) < gone_at < on(7, 5, 18, 0)
    assert in_order(cards)


async def test_a_flood_of_first_timers_goes_first_and_leaves_the_others_their_fifth(open_here: Any) -> None:
    crowd = Crowd()
    flood = every(on(7, 3, 8, 0), 120, minutes=2.5)
    scene = Scene(
        start=on(7, 2),
        seconds=1800,
        backlog=crowd.at(every(LONG_AGO, 130, minutes=1440), OTHERS),
        walk_ins=crowd.at(flood, ["first_issue"]),
        deliveries=[(on(7, 2), 150)],
    )
    async with open_here(crowd, scene) as world:
        await world.until_all_printed(by=on(7, 6, 23, 0))
        cards = await world.cards()
        findings = await world.findings()

    first = [card for card in cards if is_first(card)]
    during = [card for card in cards if flood[0] + timedelta(hours=4) < card.closed_at <= first[-1].closed_at]
    others = [card for card in during if not is_first(card)]
    assert findings == []
    assert len(cards) == 250
    assert first[0].waited < timedelta(hours=4)
    assert len(during) * SHARE - SLACK <= len(others) <= len(during) * (SHARE + 0.05)
    assert first[-1].closed_at < flood[0] + timedelta(days=3)
    assert len(cards) - cards.index(first[-1]) > 20
    assert in_order(cards)


async def test_three_weeks_without_blanks_hold_everybody_in_place_and_waste_no_approval(
    open_here: Any,
) -> None:
    crowd = Crowd()
    delivery = on(7, 27, 10, 0)
    scene = Scene(
        start=on(7, 5),
        seconds=1800,
        backlog=crowd.at(every(LONG_AGO, 50, minutes=1440), OTHERS),
        walk_ins=come(crowd, counter_days(date(2018, 7, 5), 16), 5),
        deliveries=[(on(7, 5), 5), (delivery, 100)],
    )
    async with open_here(crowd, scene) as world:
        await world.sleep_until(delivery - timedelta(minutes=5))
        before, expired = await world.cards(), await world.expired()
        why = await world.explain(world.accepted[0] if before[0].id != world.accepted[0] else before[1].id)
        asked = [call for call in await world.calls() if call > before[-1].closed_at]
        gone_at = await world.until_all_printed(by=on(7, 30, 0, 0))
        cards = await world.cards()
        findings = await world.findings()

    after = cards[len(before) :]
    assert findings == []
    assert len(before) == 10
    assert before[-1].closed_at < on(7, 6)
    assert "no_blanks" in why
    assert (asked, expired) == ([], 0)
    assert after[0].closed_at < delivery + timedelta(hours=1)
    assert len(cards) == 130
    assert gone_at < delivery + timedelta(hours=24 + 24 * len(after) / (4 * PRINTING_HOURS))
    assert in_order(cards)


async def test_a_centre_open_two_hours_a_day_keeps_the_printers_busy_all_day(open_here: Any) -> None:
    crowd = Crowd()
    scene = Scene(
        start=on(7, 2),
        seconds=1800,
        hours=("08:00-10:00",) * 7,
        backlog=crowd.at(every(LONG_AGO, 200, minutes=1000), OTHERS),
        walk_ins=come(crowd, counter_days(date(2018, 7, 2), 4), 5),
        deliveries=[(on(7, 2), 200)],
    )
    async with open_here(crowd, scene) as world:
        await world.until_all_printed(by=on(7, 7, 0, 0))
        cards, calls, expired = await world.cards(), await world.calls(), await world.expired()
        findings = await world.findings()

    a_day = {day: len(found) for day, found in by_day(cards).items()}
    assert findings == []
    assert len(cards) == 220
    assert expired == 0
    assert {call.hour for call in calls} == {8, 9}
    assert all(a_day[date(2018, 7, day)] >= 0.9 * 4 * PRINTING_HOURS for day in (3, 4))
    assert sum(card.armed_at.hour >= 10 for card in cards) > 0.7 * len(cards)


async def test_after_a_month_of_outage_the_office_recovers_by_itself_in_the_order_of_asking(
    open_here: Any,
) -> None:
    crowd = Crowd()
    begins, ends = on(7, 3, 9, 0), on(8, 2, 9, 0)
    scene = Scene(
        start=on(7, 2),
        seconds=1800,
        hours=("08:00-15:00",) * 7,
        outages=[(begins, ends, 3600)],
        backlog=crowd.at(every(LONG_AGO, 100, minutes=1440), OTHERS),
        walk_ins=come(crowd, counter_days(date(2018, 7, 2), 23), 5),
        deliveries=[(on(7, 2), 200)],
    )
    async with open_here(crowd, scene) as world:
        await world.sleep_until(ends)
        before = await world.cards()
        why = await world.explain(world.accepted[-1])
        probes = [call for call in await world.calls() if call >= begins + timedelta(minutes=1)]
        gone_at = await world.until_all_printed(by=on(8, 6, 0, 0))
        after = (await world.cards())[len(before) :]
        findings = await world.findings()

    a_day = Counter(probe.date() for probe in probes)
    resumed = after[0].closed_at
    served = [card for card in after if card.closed_at < resumed + timedelta(hours=8)]
    assert findings == []
    assert "centre_outage" in why
    assert max(a_day.values()) <= 8
    assert all(card.closed_at < begins + timedelta(hours=24) for card in before)
    assert resumed < ends + timedelta(hours=2)
    assert sum(not is_first(card) for card in served) >= SHARE * len(served) - SLACK
    assert sum(is_first(card) for card in served) >= min(12, len(served) / 2)
    assert len(before) + len(after) == len(crowd.all)
    assert gone_at < ends + timedelta(hours=24 * len(after) / (4 * PRINTING_HOURS) + 24)
    assert in_order(after)
