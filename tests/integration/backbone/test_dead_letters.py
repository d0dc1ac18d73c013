"""Dead letters over HTTP: seen without their bodies, replayed, discarded with a reason."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from backbone import dead_letters
from backbone.auth import Authority
from backbone.http import Check, make_app
from backbone.letters import Letter
from backbone.rights import Actor

REASON = {"reason": "sent twice by mistake"}
INSERT = "INSERT INTO scheduler.dead_letter (queue, type, subject, body, error) VALUES ('box', $1, $2, $3, 'X') RETURNING id"


class Office:
    """The dead-letter calls of one service, and who calls them."""

    def __init__(self, shelf: Any, authority: Authority) -> None:
        self.shelf = shelf
        self.authority = authority
        app = make_app("box", authority=authority, checks=self._checks)
        app.include_router(dead_letters.router(shelf.database, self._again))
        self.client = httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://box")

    async def _checks(self) -> Sequence[Check]:
        return ()

    async def _again(self, letter: Letter) -> None:
        await self.shelf.consumer.handle([letter])

    def token(self, scope: str) -> dict[str, str]:
        actor = Actor(subject="ana", scopes=frozenset({scope}), prefix="21.02")
        return {"Authorization": "Bearer " + self.authority.issue(actor, timedelta(hours=1))}

    async def list(self, query: str = "") -> Any:
        answer = await self.client.get(f"/dead-letters{query}", headers=self.token("operator"))
        assert answer.status_code == 200
        return answer.json()

    async def settle(self, letter: Any, act: str, scope: str = "supervisor", **body: Any) -> httpx2.Response:
        return await self.client.post(
            f"/dead-letters/{letter}/{act}", headers=self.token(scope), json=body or None
        )

    async def dead(self, message: Any) -> int:
        """A message in its grave; its number."""
        body = message.model_dump_json()
        return int(await self.shelf.owner.fetchval(INSERT, message.TYPE, message.subject(), body))


@pytest.fixture
async def office(shelf: Any, authority: Authority) -> AsyncIterator[Office]:
    found = Office(shelf, authority)
    async with found.client:
        yield found


async def test_a_dead_letter_is_listed_without_its_body(office: Office) -> None:
    await office.dead(office.shelf.returned(1))
    (letter,) = await office.list()
    assert (letter["type"], letter["error"], letter["tries"]) == ("verification.returned.v1", "X", 1)
    assert "body" not in letter


async def test_settled_letters_are_listed_on_request_alone(office: Office) -> None:
    await office.settle(await office.dead(office.shelf.returned(1)), "replay")
    assert (await office.list(), len(await office.list("?settled=true"))) == ([], 1)


@pytest.mark.parametrize(("limit", "found"), [(2, 2), (0, 1), (-5, 1), (100000, 3)])
async def test_a_list_has_as_many_as_asked_for_within_reason(office: Office, limit: int, found: int) -> None:
    for number in range(3):
        await office.dead(office.shelf.returned(number))
    assert len(await office.list(f"?limit={limit}")) == found


async def test_a_list_goes_on_after_the_last_one_seen(office: Office) -> None:
    first, second = [await office.dead(office.shelf.returned(number)) for number in (1, 2)]
    assert [letter["id"] for letter in await office.list(f"?after={first}")] == [second]


async def test_a_replay_handles_the_letter_and_settles_it(office: Office) -> None:
    number = await office.dead(office.shelf.returned(1))
    answer = await office.settle(number, "replay")
    (letter,) = await office.shelf.dead()
    assert (answer.status_code, answer.json()) == (200, {"id": number, "settled": "replayed"})
    assert (await office.shelf.notes(), letter["settled_by"], letter["settled_how"]) == (
        [1],
        "ana",
        "replayed",
    )


async def test_a_letter_that_is_still_refused_stays_open_and_says_so(office: Office) -> None:
    answer = await office.settle(await office.dead(office.shelf.spent(1)), "replay")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:cetak:still-refused")
    assert answer.json()["detail"] == "ValueError"
    assert len(await office.list()) == 1


async def test_tries_are_counted_and_the_last_cause_is_told(office: Office) -> None:
    number = await office.dead(office.shelf.spent(1))
    for _ in range(2):
        await office.settle(number, "replay")
    (letter,) = await office.list()
    assert (letter["tries"], letter["error"]) == (3, "ValueError")


async def test_a_letter_is_inspected_without_what_it_says_of_people(office: Office) -> None:
    number = await office.dead(office.shelf.returned(1, 7))
    answer = await office.client.get(f"/dead-letters/{number}", headers=office.token("operator"))
    letter = answer.json()
    assert letter["body"] == {
        "application_id": "00000000-0000-0000-0000-000000000001",
        "round": 7,
        "cause": "(text of 6)",
        "at": "2018-06-29T00:30:00Z",
    }
    assert (letter["type"], letter["error"], letter["size"]) == ("verification.returned.v1", "X", 112)


async def test_a_settled_letter_can_be_inspected(office: Office) -> None:
    number = await office.dead(office.shelf.returned(1))
    await office.settle(number, "replay")
    answer = await office.client.get(f"/dead-letters/{number}", headers=office.token("auditor"))
    assert answer.json()["settled_how"] == "replayed"


async def test_a_letter_that_is_not_there_cannot_be_inspected(office: Office) -> None:
    answer = await office.client.get("/dead-letters/1", headers=office.token("operator"))
    assert answer.status_code == 404


async def test_a_kiosk_inspects_no_letter(office: Office) -> None:
    number = await office.dead(office.shelf.returned(1))
    answer = await office.client.get(f"/dead-letters/{number}", headers=office.token("kiosk"))
    assert answer.status_code == 403


async def test_a_replay_during_an_outage_stays_open(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    async def down(letters: Sequence[Letter]) -> None:
        raise ConnectionError

    monkeypatch.setattr(office.shelf.consumer, "handle", down)
    answer = await office.settle(await office.dead(office.shelf.returned(1)), "replay")
    (letter,) = await office.list()
    assert (answer.status_code, letter["tries"]) == (503, 1)


async def test_a_letter_is_discarded_with_a_reason(office: Office) -> None:
    answer = await office.settle(await office.dead(office.shelf.spent(1)), "discard", **REASON)
    (letter,) = await office.shelf.dead()
    assert (answer.status_code, letter["settled_how"], letter["reason"]) == (
        200,
        "discarded",
        REASON["reason"],
    )


async def test_a_letter_is_not_discarded_without_a_reason(office: Office) -> None:
    answer = await office.settle(await office.dead(office.shelf.spent(1)), "discard", reason="")
    assert answer.status_code == 422


async def test_a_letter_about_an_application_cannot_be_discarded(office: Office) -> None:
    number = await office.shelf.owner.fetchval(INSERT, "application.received.v1", "", "{}")
    answer = await office.settle(number, "discard", **REASON)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:cetak:must-not-discard")
    assert len(await office.list()) == 1


@pytest.mark.parametrize("act", ["replay", "discard"])
async def test_a_letter_is_settled_once(office: Office, act: str) -> None:
    number = await office.dead(office.shelf.returned(1))
    first, second = [await office.settle(number, act, **REASON) for _ in range(2)]
    assert (first.status_code, second.status_code) == (200, 404)


@pytest.mark.parametrize(("letter", "status"), [(2**40, 404), (2**70, 422), (-1, 422), ("x", 422)])
async def test_a_letter_that_is_not_there_is_the_callers_mistake(
    office: Office, letter: Any, status: int
) -> None:
    assert (await office.settle(letter, "replay")).status_code == status


@pytest.mark.parametrize("act", ["replay", "discard"])
async def test_only_a_supervisor_settles(office: Office, act: str) -> None:
    number = await office.dead(office.shelf.spent(1))
    assert (await office.settle(number, act, "operator", **REASON)).status_code == 403


async def test_a_kiosk_sees_no_dead_letters(office: Office) -> None:
    answer = await office.client.get("/dead-letters", headers=office.token("kiosk"))
    assert answer.status_code == 403


async def test_open_letters_are_counted(office: Office) -> None:
    await office.settle(await office.dead(office.shelf.returned(1)), "replay")
    await office.dead(office.shelf.returned(2))
    assert await dead_letters.count_open(office.shelf.database) == 1
