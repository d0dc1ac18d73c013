"""`cetak why`, `at-risk`, `targets`: what people call to know why nothing moves, in an office without blanks."""

from collections.abc import Callable
from typing import Any

import pytest

Asked = Callable[..., Any]
BACKLOG = """reference,nik,full_name,birth_date,sex,district_code,reason,submitted_at,phone
R-1,2102030501909001,BUDI SANTOSO,1990-01-05,M,21.02.03,lost,2018-01-02T09:00:00+07:00,
R-2,2102030501909002,SITI AMINAH,1990-01-05,F,21.02.03,damaged,2018-01-03T09:00:00+07:00,
"""


@pytest.fixture(scope="module")
def asked(cetak_of_our_own: Asked, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """`cetak` of a running office with two applications and no blanks, once its scheduler knows of them."""
    backlog = tmp_path_factory.mktemp("why") / "tunggakan.csv"
    backlog.write_text(BACKLOG)
    assert cetak_of_our_own("import", str(backlog)).code == 0
    for _ in range(100):
        if cetak_of_our_own("queue", "--json").json["by_state"].get("waiting", 0) == 2:
            return cetak_of_our_own
    raise AssertionError("the scheduler does not hear of them")


def test_an_office_that_stands_still_is_exit_code_1_with_its_reasons(asked: Asked) -> None:
    told, found = asked("why"), asked("why", "--json")

    assert (told.code, found.code) == (1, 1)
    assert "berhenti · stopped" in told.out
    assert "There are no blank cards." in told.out
    verification = found.json["offices"][0]["stages"][0]
    assert (verification["name"], verification["cards"]) == ("verification", 2)
    assert "no_blanks" in [hold["code"] for hold in verification["blockers"]]


def test_a_station_says_its_own_reasons(asked: Asked) -> None:
    told = asked("why", "2102-1")

    assert told.code == 1
    assert "0/2 kartu di tangan" in told.out
    assert "There are no blank cards at this station." in told.out
    assert "no card is approved yet" in told.out


def test_an_unknown_station_is_exit_code_1_and_said(asked: Asked) -> None:
    assert (asked("why", "2102-9").code, asked("why", "2102-9", "--json").json["status"]) == (1, 404)


def test_targets_are_set_tried_shown_and_cleared(asked: Asked) -> None:
    none = asked("targets")
    tried = asked("targets", "lost=40", "--reason", "standar", "--dry-run")
    first = asked("targets", "lost=40", "--reason", "standar", "--json")
    shown = asked("targets")
    cleared = asked("targets", "--clear", "--reason", "ditinjau", "--json")

    assert "no service targets" in none.out
    assert tried.json == {"office": "21.02", "hours": {"lost": 40}, "reason": "standar"}
    assert first.json["current"]["hours"] == {"lost": 40}
    assert "cli:" in shown.out
    assert "standar" in shown.out
    assert cleared.json["current"]["hours"] == {}


@pytest.mark.parametrize(("setting", "code"), [("lost", 2), ("lost=lama", 2), ("birthday=3", 1)])
def test_a_wrong_target_is_refused(asked: Asked, setting: str, code: int) -> None:
    assert asked("targets", setting, "--reason", "standar").code == code


def test_who_is_at_risk_is_exit_code_1_and_the_worst_first(asked: Asked) -> None:
    without = asked("at-risk")
    asked("targets", "lost=40", "damaged=40", "--reason", "standar")
    told, page = asked("at-risk"), asked("at-risk", "--limit", "1", "--json")
    rest = asked("at-risk", "--after", page.json["next"], "--json")
    asked("targets", "--clear", "--reason", "ditinjau")
    worst = page.json["items"][0]["receipt_number"]

    assert worst in told.out
    assert "received 2018-01-02 09:00 " in asked("explain", worst).out
    assert (without.code, "no service targets yet" in without.out) == (0, True)
    assert (told.code, "damaged" in told.out) == (1, True)
    assert [one["kind"] for one in (*page.json["items"], *rest.json["items"])] == ["lost", "damaged"]
    assert rest.json["next"] is None
