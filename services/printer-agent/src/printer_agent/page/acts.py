"""What the page's forms do: each tells the station or the ledger, and returns the word for what came of it.

All raise Unreachable (nothing is on record) or Refused.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from printer_agent.office import Office
from printer_agent.page.fields import Values
from printer_agent.page.shelf import Shelf
from printer_agent.stock import Paper
from printer_agent.use_cases import Station

Verdict = Literal["printed", "spoiled", "intact"]


@dataclass(frozen=True, kw_only=True)
class Hands:
    """What an act works on."""

    station: Station
    office: Office
    shelf: Shelf


async def pause(hands: Hands, values: Values) -> str:
    await hands.station.pause(values["reason"], values["person"])
    return "paused"


async def resume(hands: Hands, values: Values) -> str:
    await hands.station.resume(values["reason"], values["person"])
    return "resumed"


async def load_blanks(hands: Hands, values: Values) -> str:
    body = {
        "note_number": values["note_number"],
        "blanks": int(values["blanks"]),
        "person": values["person"],
    }
    await _tell(hands, "stock", body)
    return "loaded"


async def change_supply(hands: Hands, values: Values) -> str:
    body: dict[str, Any] = {key: values[key] for key in ("item", "previous", "person")}
    if values.get("nominal"):
        body["nominal"] = int(values["nominal"])
    if values.get("roll"):
        body["roll"] = values["roll"]
    await _tell(hands, "supplies", body)
    return "loaded"


async def count(hands: Hands, values: Values) -> str:
    body = {"blanks": int(values["blanks"]), **_two_persons(values)}
    difference = await _tell(hands, "count", body)
    return "counted-off" if difference else "counted"


async def record_test_card(hands: Hands, values: Values) -> str:
    body = {"cards": int(values["cards"]), "cause": values["cause"], **_two_persons(values)}
    await _tell(hands, "test-cards", body)
    return "tested"


def answer(verdict: Verdict) -> "Act":
    """The people's word on the card whose fate is unknown."""

    async def act(hands: Hands, values: Values) -> str:
        await hands.station.answer(
            UUID(values["attempt_id"]),
            verdict,
            person=values["person"],
            second_person=values.get("second_person"),
            note=values.get("reason", "kartu dilihat dan baik"),
        )
        hands.shelf.forget()
        return "answered"

    return act


def _two_persons(values: Values) -> dict[str, Any]:
    told: dict[str, Any] = {key: values[key] for key in ("reason", "person", "second_person")}
    return told | ({"number": values["number"]} if values.get("number") else {})


async def _tell(hands: Hands, paper: Paper, body: dict[str, Any]) -> int:
    told = await hands.office.tell_stock(paper, body)
    hands.shelf.forget()
    return told.difference


Act = Callable[[Hands, Values], Awaitable[str]]

ACTS: Mapping[str, Act] = {
    "pause": pause,
    "resume": resume,
    "blanks": load_blanks,
    "supplies": change_supply,
    "count": count,
    "test-card": record_test_card,
    "answer-printed": answer("printed"),
    "answer-spoiled": answer("spoiled"),
    "answer-intact": answer("intact"),
}
