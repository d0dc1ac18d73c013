"""`cetak policy`: shown, tried, set, proven, in an office where nothing runs."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from backbone.embedded_postgres import EmbeddedPostgres
from onebox.demo.scenario import BACKLOG
from onebox.settings import Deployment, write

Policy = Callable[..., Any]


@pytest.fixture(scope="module")
def policy(cetak: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Policy]:
    """`cetak policy` of an office of its own."""
    home = tmp_path_factory.mktemp("policy") / "var"

    def run(*arguments: str) -> Any:
        return cetak("policy", *arguments, CETAK_HOME=str(home))

    # Open all day, so that nothing changes while the tests run; the first call is told that it is open.
    hours = {f"{name}_hours": ("00:00-24:00",) * 7 for name in ("counter", "printing", "centre")}
    write(home, Deployment(hours=hours))
    assert run().code == 0
    yield run
    EmbeddedPostgres(home).erase()


@pytest.fixture
def rules(policy: Policy, tmp_path: Path) -> Path:
    """A file of rules with another head start than those in force."""
    found = policy("--json").json["current"]["rules"]
    found["head_starts"]["lost"] = found["head_starts"].get("lost", 0) + 400 * 1440
    path = tmp_path / "aturan.json"
    path.write_text(json.dumps(found))
    return path


@pytest.fixture(scope="module")
def owed(cetak: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """`cetak` of the office that runs, once its scheduler knows of forty owed cards."""
    lines = BACKLOG.read_text().splitlines()
    path = tmp_path_factory.mktemp("owed") / "tunggakan.csv"
    path.write_text("\n".join([lines[0], *lines[200:240]]) + "\n")
    assert cetak("import", str(path)).code == 0
    for _ in range(100):
        if cetak("queue", "--json").json["by_state"].get("waiting", 0) >= 40:
            return cetak
    raise AssertionError("the scheduler does not hear of them")


def test_alone_it_shows_what_is_in_force(policy: Policy) -> None:
    assert policy().out == policy("show").out
    assert policy().out.startswith("Kebijakan · policy")
    assert policy("show", "--json").json["current"] == policy("--json").json["current"]


def test_the_rules_it_shows_can_be_set_as_they_are(policy: Policy, tmp_path: Path) -> None:
    shown = policy("show", "--rules").out
    (tmp_path / "aturan.json").write_text(shown)

    told = policy("set", str(tmp_path / "aturan.json"), "--reason", "tetap", "--json")

    assert told.json["current"]["rules"] == json.loads(shown)


def test_a_set_policy_is_a_new_version_with_its_reason(policy: Policy, rules: Path) -> None:
    before = policy("--json").json["versions"][0]["version"]

    told = policy("set", str(rules), "--reason", "keputusan kepala dinas", "--json")

    assert told.code == 0
    assert (told.json["current"]["version"], told.json["current"]["reason"]) == (
        before + 1,
        "keputusan kepala dinas",
    )
    assert told.json["current"]["author"].startswith("cli:")


def test_a_dry_run_sets_nothing(policy: Policy, rules: Path) -> None:
    before = policy("--json").json["current"]["version"]

    told = policy("set", str(rules), "--reason", "coba", "--until", "2030-01-01", "--dry-run")

    assert told.json["valid_until"] == "2030-01-01T00:00:00+07:00"
    assert policy("--json").json["current"]["version"] == before


def test_a_policy_of_the_future_is_on_record_and_not_in_force(policy: Policy, rules: Path) -> None:
    before = policy("--json").json["current"]["version"]

    told = policy("set", str(rules), "--reason", "mulai nanti", "--from", "2090-01-01T00:00", "--json")

    assert told.json["current"]["version"] == before
    assert told.json["versions"][0]["valid_from"].startswith("2089-12-31T17:00")


def test_a_rehearsal_says_who_moves_and_changes_nothing(owed: Any, rules: Path) -> None:
    before = owed("policy", "--json").json

    told = owed("policy", "rehearse", str(rules))
    found = owed("policy", "rehearse", str(rules), "--json").json

    assert told.code == 0
    assert f"Menunggu · waiting {found['moves']['cards']}" in told.out
    assert found["moves"]["up"]["cards"] > 0
    assert found["movers"]["up"][0]["receipt_number"] in told.out
    assert owed("policy", "--json").json == before


def test_a_card_is_asked_for_by_its_receipt_number(owed: Any, rules: Path) -> None:
    moved = owed("policy", "rehearse", str(rules), "--json").json["movers"]["up"][0]

    asked = owed("policy", "rehearse", str(rules), "--application", moved["receipt_number"], "--json")

    assert asked.json["applications"] == [moved]


def test_a_proof_of_a_day_without_work_is_good(policy: Policy) -> None:
    told = policy("proof", "--day", "2020-02-29", "--days", "2", "--json")

    assert told.code == 0
    assert [day["day"] for day in told.json["days"]] == ["2020-02-29", "2020-02-28"]
    assert "Bukti · proof 21.02 (Asia/Jakarta)" in policy("proof").out


def test_wrong_rules_are_exit_code_1_and_name_the_field(policy: Policy, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"head_starts": {"gold": 1}}')

    for command in (("rehearse",), ("set", "--reason", "coba")):
        told = policy(*command, str(tmp_path / "x.json"))
        assert told.code == 1
        assert "rules.head_starts.gold" in told.err


def test_without_a_reason_nothing_is_set(policy: Policy, rules: Path) -> None:
    told = policy("set", str(rules))

    assert told.code == 1
    assert "reason" in told.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("set",),
        ("set", "tidak-ada.json"),
        ("rehearse", __file__),
        ("set", __file__, "--reason", "coba"),
        ("proof", "--day", "besok"),
        ("proof", "--days", "40"),
    ],
)
def test_wrong_usage_is_exit_code_2(policy: Policy, arguments: tuple[str, ...]) -> None:
    assert policy(*arguments).code == 2


def test_a_time_that_is_none_is_exit_code_2(policy: Policy, rules: Path) -> None:
    assert policy("set", str(rules), "--reason", "coba", "--from", "besok").code == 2
