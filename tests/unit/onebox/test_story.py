"""The people and the numbers of the Karimun story."""

import csv
from datetime import date, timedelta

from onebox.demo import scenario
from onebox.demo.people import walk_ins

FIRST = scenario.START.date()
DAYS = [FIRST + timedelta(days=n) for n in range(60)]
BACKLOG = list(csv.DictReader(scenario.BACKLOG.read_text().splitlines()))


def test_the_same_people_come_every_time() -> None:
    assert walk_ins(FIRST) == walk_ins(FIRST)


def test_no_two_of_them_share_a_nik_nor_with_the_backlog() -> None:
    niks = [person.nik for day in DAYS for person in walk_ins(day)] + [row["nik"] for row in BACKLOG]

    assert len(niks) == len(set(niks))


def test_every_serial_is_one_that_no_real_nik_bears() -> None:
    serials = [int(person.nik[-4:]) for day in DAYS for person in walk_ins(day)]
    owed = [int(row["nik"][-4:]) for row in BACKLOG]

    assert min(serials + owed) >= 9001


def test_nobody_comes_at_the_weekend() -> None:
    assert walk_ins(date(2018, 6, 30)) == walk_ins(date(2018, 7, 1)) == []


def test_they_come_in_order_while_the_counter_is_open() -> None:
    moments = [person.at for person in walk_ins(FIRST)]
    opens, closes = (scenario.START.replace(hour=hour, minute=0) for hour in (7, 16))

    assert moments == sorted(moments)
    assert opens < moments[0] < moments[-1] < closes


def test_on_their_day_the_school_leavers_come_on_top() -> None:
    came = walk_ins(scenario.SCHOOL_DAY)

    assert len(came) == scenario.WALK_INS_A_DAY + scenario.SCHOOL_LEAVERS
    assert sum(person.reason == "first_issue" for person in came) >= scenario.SCHOOL_LEAVERS


def test_a_first_time_holder_is_seventeen_and_not_yet_eighteen() -> None:
    born = [person.birth_date for person in walk_ins(FIRST) if person.reason == "first_issue"]

    assert all(FIRST.replace(year=2000) < birth <= FIRST.replace(year=2001) for birth in born)


def test_the_reasons_add_up_to_a_hundred_percent() -> None:
    assert sum(scenario.REASONS.values()) == 100


def test_the_backlog_holds_the_three_thousand_owed_cards() -> None:
    assert len(BACKLOG) == 3000
    assert {row["district_code"] for row in BACKLOG} > set(scenario.DISTRICTS)


def test_the_blanks_of_the_story_suffice_for_the_backlog_only_with_the_delivery() -> None:
    assert scenario.FIRST_BLANKS < len(BACKLOG) < scenario.FIRST_BLANKS + scenario.DELIVERY_BLANKS


def test_the_outage_lies_within_the_short_window() -> None:
    begins, ends = scenario.OUTAGE

    assert scenario.SHORT_FROM < begins < ends < scenario.SHORT_UNTIL
