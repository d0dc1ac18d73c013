"""Ten thousand calendars at any second of four days around a leap day or a year's end, read by hand beside the code."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from backbone.calendar import Calendar, Hours, Override, closes_at, is_open, open_seconds, opens_at, why
from backbone.zones import PROVINCES

AHEAD = {"Asia/Jakarta": 7, "Asia/Makassar": 8, "Asia/Jayapura": 9}
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
BEGINS = (datetime(2020, 2, 27, tzinfo=UTC), datetime(2018, 12, 30, tzinfo=UTC))
HOURS = ("closed", "00:00-24:00", "07:30-16:00", "07:30-24:00", "00:00-00:01", "07:30-12:00,13:00-15:00")

hours = st.sampled_from([Hours.parse(text) for text in HOURS])
marks = st.integers(-1440, 5 * 1440)
a_word = st.tuples(
    marks, st.integers(1, 3000), hours, st.sampled_from(["", "21", "21.02"]), st.integers(0, 2)
)
offices = st.sampled_from(["21.02", "64.72", "94.01"])


def _calendar(
    begin: datetime,
    week: tuple[Hours, Hours],
    words: list[tuple[int, int, Hours, str, int]],
    off: int,
) -> Calendar:
    overrides = tuple(
        Override(
            id=str(number),
            from_=begin + first * MINUTE,
            until=begin + (first + length) * MINUTE,
            hours=said,
            prefix=prefix,
            reason="uji",
            author="kabid",
            set_at=begin + at * MINUTE,
        )
        for number, (first, length, said, prefix, at) in enumerate(words)
    )
    return Calendar(
        name="counter",
        tz="Asia/Jakarta",
        weekly=(*(week[0],) * 5, *(week[1],) * 2),
        closed_on=frozenset({begin.date() + timedelta(days=off)}),
        overrides=overrides,
        local=True,
    )


def _by_hand(calendar: Calendar, office: str, moment: datetime) -> bool:
    """The strongest word that covers the moment, else the day's hours, on a wall clock some hours ahead of UTC."""
    wall = moment + timedelta(hours=AHEAD[PROVINCES[office[:2]]])
    said = None
    for one in calendar.overrides:
        heard = office.startswith(one.prefix)
        if heard and one.from_ <= moment < one.until:
            rank = (len(one.prefix), one.set_at, int(one.id))
            said = max(said, (rank, one.hours), key=lambda word: word[0]) if said else (rank, one.hours)
    day: date = wall.date()
    usual = Hours(spans=()) if day in calendar.closed_on else calendar.weekly[day.weekday()]
    minute = wall.hour * 60 + wall.minute
    return any(opens <= minute < closes for opens, closes in (said[1] if said else usual).spans)


@settings(max_examples=10_000)
@given(
    st.sampled_from(BEGINS),
    st.tuples(hours, hours),
    st.lists(a_word, max_size=3),
    st.integers(0, 4),
    offices,
    st.integers(0, 4 * 86_400),
)
def test_any_second_is_as_read_by_hand_and_so_are_its_edges(
    begin: datetime,
    week: tuple[Hours, Hours],
    words: list[tuple[int, int, Hours, str, int]],
    off: int,
    office: str,
    second: int,
) -> None:
    whole = _calendar(begin, week, words, off)
    here, moment = whole.for_office(office), begin + second * SECOND
    now_open = _by_hand(whole, office, moment)
    assert is_open(here, moment) is now_open
    rule = why(here, moment)
    assert (rule.override is not None) == (rule.kind == "override")
    edge = closes_at(here, moment) if now_open else opens_at(here, moment)
    if edge is not None:
        assert _by_hand(whole, office, edge) is not now_open
        assert _by_hand(whole, office, edge - SECOND) is now_open
        assert open_seconds(here, moment, edge) == (edge - moment).total_seconds() * now_open
