"""The people of a backlog file are the centre's people."""

from datetime import date
from pathlib import Path
from typing import Any

from simulator.population import Population

HEADER = "reference,nik,full_name,birth_date,sex,district_code,reason,submitted_at,phone"
SITI = "K-1,2102034501909001,siti  aminah,1990-01-05,F,21.02.04,first_issue,2018-03-01T09:00:00,081100000001"


def backlog(folder: Path, *rows: str) -> Path:
    path = folder / "backlog.csv"
    path.write_text("\n".join((HEADER, *rows)))
    return path


def test_a_row_becomes_a_matching_person(tmp_path: Path) -> None:
    (who,) = Population.from_backlog(backlog(tmp_path, SITI))

    assert (who.nik, who.full_name, who.birth_date, who.sex, who.district, who.ektp_status) == (
        "2102034501909001",
        "SITI AMINAH",
        date(1990, 1, 5),
        "F",
        "MERAL",
        "PRINT_READY_RECORD",
    )


def test_of_two_rows_with_one_nik_the_first_counts(tmp_path: Path) -> None:
    (who,) = Population.from_backlog(backlog(tmp_path, SITI, SITI.replace("first_issue", "lost")))

    assert who.ektp_status == "PRINT_READY_RECORD"


def test_what_a_row_leaves_open_is_taken_from_the_nik(tmp_path: Path) -> None:
    (who,) = Population.from_backlog(backlog(tmp_path, SITI.replace(",F,21.02.04,", ",,,")))

    assert (who.sex, who.district_code) == ("F", "21.02.03")


def test_rows_that_can_be_nobody_are_left_out(tmp_path: Path) -> None:
    no_nik, no_date = SITI.replace("2102034501909001", "2,10203E+15"), SITI.replace("1990-01-05", "soon")

    assert len(Population.from_backlog(backlog(tmp_path, no_nik, no_date, "K-2"))) == 0


def test_a_file_saved_by_excel_is_read(data: Path) -> None:
    people = Population.from_backlog(data / "backlog-excel.csv")

    assert len(people) > 0
    assert all(who.full_name == " ".join(who.full_name.upper().split()) for who in people)


def test_records_vary_in_form(tmp_path: Path) -> None:
    people = list(Population.seeded(1, 400))

    assert 50 < sum(who.loose for who in people) < 150
    assert 0 < sum(not who.photo for who in people) < 20


async def test_a_centre_knows_the_people_of_its_backlog_too(make_caller: Any, tmp_path: Path) -> None:
    caller = make_caller(backlog=backlog(tmp_path, SITI), people=3)
    answer = await caller.verify("2102034501909001", NAMA_LGKP="SITI AMINAH", JENIS_KLMIN="Perempuan")

    assert answer.json()["content"] == [
        {"NIK": "Sesuai", "NAMA_LGKP": "Sesuai (100)", "JENIS_KLMIN": "Sesuai"}
    ]
    assert len(caller.centre.population) == 4
