"""A case held, decided and reopened by command, over both services; each time it comes back to its old place."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from onebox.connection import local_token, running_at

BACKLOG = """reference,nik,full_name,birth_date,sex,district_code,reason,submitted_at,phone
T-1,2102030501909011,BUDI SANTOSO,1990-01-05,M,21.02.03,lost,2018-01-02T09:00:00+07:00,
"""


@pytest.fixture(scope="module")
def api(home_of_our_own: Path) -> Iterator[httpx2.Client]:
    """The API of an office of its own, as its supervisor."""
    headers = {"Authorization": f"Bearer {local_token(home_of_our_own, '21.02')}"}
    with httpx2.Client(base_url=str(running_at(home_of_our_own)), headers=headers) as client:
        yield client


@pytest.fixture(scope="module")
def refused(cetak_of_our_own: Any, api: httpx2.Client, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The receipt number of a case an officer has refused."""
    file = tmp_path_factory.mktemp("reopen") / "tunggakan.csv"
    file.write_text(BACKLOG)
    assert cetak_of_our_own("import", str(file)).code == 0
    _until(lambda: _listed(api, "waiting") is not None)
    waiting = _listed(api, "waiting")
    assert waiting is not None
    receipt = str(waiting["receipt_number"])
    held = cetak_of_our_own(
        "hold", receipt, "--until", "2100-01-01", "--reason", "berkas diperiksa", "--json"
    )
    decided = cetak_of_our_own("decide", receipt, "refused", "--reason", "berkas palsu", "--json")
    assert (held.json["state"], decided.json["state"]) == ("in_review", "refused")
    _until(lambda: cetak_of_our_own("reopen", receipt, "--dry-run", "--json").json["state"] == "refused")
    return receipt


def test_a_refused_case_waits_again_since_it_was_received(
    cetak_of_our_own: Any, api: httpx2.Client, refused: str
) -> None:
    told = cetak_of_our_own("reopen", refused, "--reason", "keberatan diterima", "--json")
    _until(lambda: _listed(api, "waiting") is not None)

    waiting = _listed(api, "waiting")
    assert waiting is not None
    assert (told.code, told.json["receipt_number"]) == (0, refused)
    assert waiting["received_at"] == waiting["ranked_from"]
    events = api.get(f"/scheduler/v1/applications/{waiting['id']}/events").json()
    assert (events[-1]["cause"], events[-1]["reason"]) == ("reopened", "keberatan diterima")
    _until(lambda: cetak_of_our_own("reopen", refused, "--dry-run", "--json").json["state"] == "waiting")
    assert cetak_of_our_own("reopen", refused, "--reason", "sekali lagi").code == 1
    assert cetak_of_our_own("decide", refused, "refused", "--reason", "tidak ditinjau").code == 1
    assert (
        cetak_of_our_own("urgent", refused, "--reason", "rujukan rumah sakit", "--json").json["kind"]
        == "urgent"
    )
    assert cetak_of_our_own("audit").code == 0


def test_wrong_input_is_told_by_the_exit_code(cetak_of_our_own: Any, refused: str) -> None:
    assert cetak_of_our_own("reopen", "2102-XXXX-XXXX-X", "--reason", "keberatan").code == 1
    assert cetak_of_our_own("reopen", refused).code == 2
    assert cetak_of_our_own("hold", refused, "--until", "2020-01-01", "--reason", "sudah lewat").code == 1
    assert cetak_of_our_own("hold", refused, "--until", "besok", "--reason", "berkas diperiksa").code == 2


@pytest.mark.parametrize("key", ["2102030501909011", "T-1"])
def test_a_case_is_found_by_its_person_and_by_the_offices_number(
    cetak_of_our_own: Any, refused: str, key: str
) -> None:
    assert [one["receipt_number"] for one in cetak_of_our_own("find", key, "--json").json] == [refused]
    shown = cetak_of_our_own("find", key)
    assert refused in shown.out
    assert "BUDI SANTOSO" in shown.out
    assert cetak_of_our_own("find", f"{key}9").code == 1


def test_a_rehearsed_act_says_that_nothing_is_changed(cetak_of_our_own: Any, refused: str) -> None:
    before = cetak_of_our_own("find", refused, "--json").json
    assert "tidak ada yang diubah" in cetak_of_our_own("urgent", refused, "--dry-run").out
    assert cetak_of_our_own("find", refused, "--json").json == before


def _listed(api: httpx2.Client, state: str) -> dict[str, Any] | None:
    items = api.get("/scheduler/v1/applications", params={"state": state}).json()["items"]
    return items[0] if items else None


def _until(what: Any) -> None:
    for _ in range(200):
        if what():
            return
        time.sleep(0.05)
    raise AssertionError("it does not come")
