"""What the command line says and which exit code it leaves; the office runs, has no blanks and a known backlog."""

from pathlib import Path
from typing import Any

import pytest

from onebox.connection import local_token
from onebox.demo.scenario import BACKLOG


@pytest.fixture(scope="module")
def owed(cetak: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five owed cards, imported, and known to the scheduler."""
    path = tmp_path_factory.mktemp("files") / "tunggakan.csv"
    path.write_text("\n".join(BACKLOG.read_text().splitlines()[:6]) + "\n")
    before = cetak("queue", "--json").json["by_state"].get("waiting", 0)
    assert cetak("import", str(path)).code == 0
    for _ in range(100):
        if cetak("queue", "--json").json["by_state"].get("waiting", 0) >= before + 5:
            return path
    raise AssertionError("the scheduler does not hear of them")


def test_health_asks_every_service(cetak: Any) -> None:
    told = cetak("health", "--json")

    assert told.code == 0
    assert set(told.json) == {"intake", "scheduler", "gateway"}


def test_a_second_up_on_the_same_home_refuses(cetak_process: Any) -> None:
    told = cetak_process("up")

    assert told.code == 1
    assert "Sudah berjalan · already running" in told.err


def test_init_where_an_office_is_changes_nothing(cetak: Any, home: Path) -> None:
    before = (home / "cetak.json").read_text()
    told = cetak("init", "--office", "31.71")

    assert told.code == 0
    assert "nothing changed" in told.err
    assert (home / "cetak.json").read_text() == before


def test_a_token_is_made_for_a_known_scope(cetak: Any) -> None:
    told = cetak("token", "kiosk-2", "--scope", "kiosk")

    assert told.code == 0
    assert told.out.split()[0] == "kiosk-2"
    assert told.out.split()[1].count(".") == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ("token", "x", "--scope", "raja"),
        ("token", "x", "--scope", "station"),
        ("stock", "2102-1", "--receive", "5"),
        ("window", "--hours", "07:30-15:00"),
        ("window", "--hours", "07:30-15:00", "--from", "besok", "--until", "lusa", "--reason", "surat"),
        ("import", "tidak-ada.csv"),
        ("terbang",),
    ],
)
def test_wrong_usage_is_exit_code_2(cetak: Any, arguments: tuple[str, ...]) -> None:
    assert cetak(*arguments).code == 2


def test_a_token_without_the_right_is_exit_code_4(cetak: Any, home: Path) -> None:
    told = cetak("queue", CETAK_TOKEN=local_token(home, "21.02", frozenset({"kiosk"})))

    assert told.code == 4


def test_an_unknown_application_is_exit_code_1(cetak: Any) -> None:
    told = cetak("explain", "2102-0000-0000-0")

    assert told.code == 1
    assert "Not found" in told.err


def test_with_json_an_error_is_one_document_too(cetak: Any) -> None:
    told = cetak("explain", "2102-0000-0000-0", "--json")

    assert told.code == 1
    assert told.json["status"] == 404


def test_stock_of_an_unknown_station_is_exit_code_1(cetak: Any) -> None:
    assert cetak("stock", "9999-9").code == 1


def test_stock_is_shown_by_station(cetak: Any) -> None:
    assert cetak("stock", "--json").json["2102-1"]["blanks"]["on_hand"] == 0


def test_the_window_is_shown_and_an_override_tried_first(cetak: Any) -> None:
    period = ("--from", "2030-06-29T07:30", "--until", "2030-07-06T07:00", "--reason", "surat pusat")
    tried = cetak("window", "--hours", "07:30-15:00", *period, "--dry-run")

    assert "open" in cetak("window").out
    assert tried.json["from"] == "2030-06-29T07:30:00+07:00"


def test_an_override_of_the_window_is_set(cetak: Any) -> None:
    period = ("--from", "2030-06-29T07:30", "--until", "2030-07-06T07:00", "--reason", "surat pusat")
    told = cetak("window", "--hours", "07:30-15:00", *period, "--calendar", "printing", "--json")

    assert told.code == 0
    assert isinstance(told.json, dict)


def test_a_dry_run_of_an_import_adds_nothing(cetak: Any, tmp_path: Path) -> None:
    lines = BACKLOG.read_text().splitlines()
    file = tmp_path / "coba.csv"
    file.write_text("\n".join([lines[0], *lines[50:53]]) + "\n")
    first, again = (cetak("import", str(file), "--dry-run", "--json") for _ in range(2))

    assert (first.code, again.code) == (0, 0)
    assert first.json["accepted"] == again.json["accepted"] == 3


def test_the_same_file_imported_again_adds_nothing(cetak: Any, owed: Path) -> None:
    told = cetak("import", str(owed), "--json")

    assert told.code == 0
    assert (told.json["accepted"], told.json["duplicates"]) == (0, 5)


def test_a_messy_file_names_line_field_and_cause_in_both_languages(cetak: Any, data: Path) -> None:
    told = cetak("import", str(data / "backlog-messy.csv"), "--dry-run")
    report = cetak("import", str(data / "backlog-messy.csv"), "--dry-run", "--json").json
    first = next(row for row in report["problems"] if row["verdict"] == "rejected")
    finding = first["findings"][0]

    assert told.code == 1
    assert (
        f"baris · line {first['line']}  {first['reference']}  {finding['field']}: "
        f"{finding['message_id']} · {finding['message_en']}" in told.out
    )


def test_a_file_without_a_column_is_one_clear_error(cetak: Any, tmp_path: Path) -> None:
    file = tmp_path / "kurang.csv"
    file.write_text("reference,nik\nA,2102030501909001\n")
    told = cetak("import", str(file))

    assert told.code == 1
    assert "full_name" in told.err


def test_the_queue_is_one_document_for_machines_and_a_table_for_people(cetak: Any, owed: Path) -> None:
    told = cetak("queue", "--json")

    assert told.code == 0
    assert told.json["by_state"]["waiting"] >= 5
    assert "no_blanks" in told.json["held_by"]
    assert "Menunggu per alasan · waiting by reason" in cetak("queue").out


def test_explain_tells_the_rank_and_who_owns_what_holds_a_card(cetak: Any, home: Path, owed: Path) -> None:
    import httpx2

    from onebox.connection import running_at

    token = local_token(home, "21.02")
    listed = httpx2.get(
        f"{running_at(home)}/scheduler/v1/applications", headers={"Authorization": f"Bearer {token}"}
    ).json()["items"][0]
    told = cetak("explain", listed["receipt_number"])

    assert told.code == 0
    assert listed["receipt_number"] in told.out
    assert "Peringkat · rank" in told.out
    assert "There are no blank cards. [supplier]" in told.out


def test_an_audit_without_findings_is_exit_code_0(cetak: Any, owed: Path) -> None:
    told = cetak("audit")

    assert told.code == 0
    assert "0 temuan · findings" in told.out


def test_health_of_a_home_where_nothing_runs_is_exit_code_3(fresh: Any) -> None:
    assert fresh("health").code == 3


def test_a_command_before_init_says_what_to_do(fresh: Any) -> None:
    told = fresh("queue")

    assert told.code == 1
    assert "cetak init" in told.err


def test_init_shows_the_first_tokens_and_commands_work_without_a_running_office(fresh: Any) -> None:
    made = fresh("init", "--office", "21.02", "--stations", "1")
    told = fresh("stock", "2102-1", "--receive", "5", "--note", "SJ-1", "--json")

    assert made.code == 0
    assert all(name in made.out for name in ("kiosk", "loket", "supervisor"))
    assert told.json["2102-1"]["blanks"]["on_hand"] == 5


def test_where_a_lost_offices_database_is_left_no_new_office_is_made_over_it(
    fresh: Any, tmp_path: Path
) -> None:
    fresh("init", "--stations", "1")
    fresh("stock", "2102-1", "--receive", "5", "--note", "SJ-1")
    for file in ("cetak.json", "keys.json"):
        (tmp_path / "var" / file).unlink()

    told = fresh("init")

    assert told.code == 1
    assert "masih ada di" in " ".join(told.err.split())
    assert not (tmp_path / "var" / "cetak.json").exists()


def test_an_office_that_is_no_region_code_is_refused(fresh: Any) -> None:
    assert fresh("init", "--office", "Karimun").code == 2


def test_an_audit_with_a_finding_is_exit_code_1_and_names_it(cetak: Any, home: Path, owed: Path) -> None:
    log = home / "cards" / "prints.jsonl"
    log.write_text('{"attempt_id": "00000000-0000-7000-8000-000000000000", "outcome": "good"}\n')
    told = cetak("audit", "--json")
    log.unlink()

    assert told.code == 1
    assert [finding["check"] for finding in told.json] == ["printed_was_armed"]
