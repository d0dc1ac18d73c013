"""A day's opening hours as text."""

import pytest

from backbone.hours import CLOSED, Hours


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("07:30-16:00", ((450, 960),)),
        ("07:30-12:00,13:00-24:00", ((450, 720), (780, 1440))),
        (" 7:30 - 12:00 , 12:00-15:00 ", ((450, 720), (720, 900))),
        ("00:00-24:00", ((0, 1440),)),
        ("closed", ()),
        (" Closed ", ()),
    ],
)
def test_text_is_read(text: str, spans: tuple[tuple[int, int], ...]) -> None:
    assert Hours.parse(text) == Hours(spans=spans)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", "hours are written"),
        ("07:30", "hours are written"),
        ("07:60-16:00", "hours are written"),
        ("07:30-16:00,", "hours are written"),
        ("07:30-16:00,closed", "hours are written"),
        ("22:00-02:00", "22:00-02:00: hours open before they close"),
        ("07:30-07:30", "hours open before they close"),
        ("24:00-24:00", "hours open before they close"),
        ("07:30-24:01", "between 00:00 and 24:00"),
        ("07:30-25:00", "between 00:00 and 24:00"),
        ("13:00-16:00,07:30-12:00", "stand in order"),
        ("07:30-12:00,11:59-16:00", "do not overlap"),
    ],
)
def test_bad_hours_say_why(text: str, cause: str) -> None:
    with pytest.raises(ValueError, match=cause):
        Hours.parse(text)


def test_hours_before_midnight_are_refused() -> None:
    with pytest.raises(ValueError, match="hours open before they close"):
        Hours(spans=((-60, 60),))


@pytest.mark.parametrize("text", ["closed", "07:30-12:00,13:00-24:00"])
def test_text_comes_back_as_it_was(text: str) -> None:
    assert str(Hours.parse(text)) == text


def test_json_comes_back_as_it_was() -> None:
    hours = Hours.parse("07:30-12:00,13:00-24:00")
    assert (Hours.from_json(hours.to_json()), Hours.from_json(CLOSED.to_json())) == (hours, CLOSED)
