"""`cetak stock`: what people call for blanks, ribbon and film, in an office where nothing runs."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from backbone.embedded_postgres import EmbeddedPostgres

TWO = ("--second", "Siti", "--reason", "akhir giliran")
Stock = Callable[..., Any]


@pytest.fixture(scope="module")
def stock(cetak: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stock]:
    """`cetak stock` of an office of its own, whose store has 500 blanks."""
    home = tmp_path_factory.mktemp("stock") / "var"

    def run(*arguments: str) -> Any:
        return cetak("stock", *arguments, CETAK_HOME=str(home))

    assert cetak("init", "--office", "21.02", "--stations", "2", CETAK_HOME=str(home)).code == 0
    assert (
        run("gudang", "--receive", "500", "--note", "SJ-7", "--first", "B-001", "--last", "B-500").code == 0
    )
    yield run
    EmbeddedPostgres(Path(home)).erase()


def test_a_transfer_is_told_and_told_again(stock: Stock) -> None:
    moved = [stock("transfer", "BA-1", "gudang", "2102-1", "200", *TWO, "--json").json for _ in range(2)]

    assert [paper["again"] for paper in moved] == [False, True]
    assert (moved[0]["actor"].startswith("cli:"), moved[0]["second_person"]) == (True, "Siti")


def test_a_number_with_other_contents_is_exit_code_1(stock: Stock) -> None:
    stock("transfer", "BA-2", "gudang", "2102-1", "1", *TWO)
    told = stock("transfer", "BA-2", "gudang", "2102-1", "2", *TWO)

    assert told.code == 1
    assert "on record with other contents" in told.err


def test_a_count_says_its_difference(stock: Stock) -> None:
    stock("2102-2", "--receive", "10", "--note", "SJ-8")
    on_hand = stock("2102-2", "--json").json["2102-2"]["blanks"]["on_hand"]
    told = stock("count", "2102-2", str(on_hand - 1), *TWO)

    assert told.code == 0
    assert "Tercatat · on record" in told.out
    assert "difference     -1" in told.out


def test_test_cards_are_destroyed_under_a_record_number(stock: Stock) -> None:
    stock("transfer", "BA-3", "gudang", "2102-2", "5", *TWO)
    stock("test-card", "2102-2", "--cards", "2", *TWO)
    told = stock("destroy", "BA-9/2018", "2102-2", "--cards", "2", *TWO, "--json")

    assert (told.code, told.json["number"], told.json["n"]) == (0, "BA-9/2018", 2)
    assert "BA-9/2018" in stock("papers", "--kind", "destruction").out


def test_blanks_go_back_of_their_lot(stock: Stock) -> None:
    told = stock("return", "BA-4", "gudang", "10", "--lot", "SJ-7", *TWO)

    assert told.code == 0
    lots = stock("gudang", "--json").json["gudang"]["lots"]
    assert [lot["returned"] for lot in lots if "SJ-7" in lot.values()] == [10]


def test_a_ribbon_is_loaded_and_shown(stock: Stock) -> None:
    stock("load", "2102-1", "pita", "--nominal", "400", "--roll", "YMCKH-1", "--person", "Budi")

    shown = stock("2102-1", "--json").json["2102-1"]["left"]
    assert [(left["left"], left["roll"]) for left in shown if left["item"] == "ribbon"] == [(400, "YMCKH-1")]
    assert "ribbon" in stock().out


def test_only_ribbon_and_film_are_loaded(stock: Stock) -> None:
    told = stock("load", "2102-1", "tinta")

    assert told.code == 1
    assert "item" in told.err


def test_the_same_person_twice_is_exit_code_1_and_says_why(stock: Stock) -> None:
    told = stock("count", "2102-1", "1", "--second", "Budi", "--person", "budi", "--reason", "akhir giliran")

    assert told.code == 1
    assert "orang kedua" in told.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("count", "2102-1", "5"),
        ("transfer", "BA-1", "gudang", "2102-1", "banyak", *TWO),
        ("2102-1", "--receive", "5"),
        ("destroy", "BA-1", "2102-1", "--second", "Siti"),
    ],
)
def test_wrong_usage_is_exit_code_2(stock: Stock, arguments: tuple[str, ...]) -> None:
    assert stock(*arguments).code == 2


def test_a_dry_run_only_shows_what_would_be_sent(stock: Stock) -> None:
    told = stock("transfer", "BA-5", "gudang", "2102-1", "7", *TWO, "--dry-run")

    assert (told.json["source"], told.json["target"], told.json["blanks"]) == ("", "2102-1", 7)
    assert "BA-5" not in stock("papers").out


def test_help_tells_the_commands(stock: Stock) -> None:
    told = stock("--help")

    assert told.code == 0
    assert all(name in told.out for name in ("transfer", "test-card", "destroy", "load", "count"))
