"""From what a station knows to what its page shows. Pure; no personal data in, none out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from printer_agent.domain import Reason, reason
from printer_agent.page.said import Said, clock_time, moment_said
from printer_agent.page.words import (
    ALSO,
    IDLE,
    NO_BLANKS,
    PAUSES,
    PRINTING,
    READY,
    STATES,
    UNKNOWN_OPENING,
    Look,
    State,
)
from printer_agent.use_cases import CardView, StationView

STEPS = 4
HELD = frozenset({"paused", "recovering", "lost", "retired"})
"""States in which what was reserved for the station has gone back."""
DIGITS = 6
"""The end of a receipt number that the page shows: `9QXM-4`."""


@dataclass(frozen=True, kw_only=True)
class CardShown:
    """A card by the end of its receipt number and its district; nothing of its person."""

    attempt_id: str
    digits: str
    district: str


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What the printer reports, and what to do about it."""

    name: Said
    steps: tuple[Said, ...]
    stops: bool


@dataclass(frozen=True, kw_only=True)
class Screen:
    """The station's state for one look."""

    station: str
    look: Look
    word: Said
    sentence: Said
    also: tuple[Said, ...]
    next_card: CardShown | None
    waiting_cards: int
    at_printer: CardShown | None
    uncertain: CardShown | None
    troubles: tuple[Trouble, ...]
    paused: bool
    printed_today: int
    spoiled_today: int
    clock: str


def screen(view: StationView, *, blanks: int | None, tz: str, districts: Mapping[str, str]) -> Screen:
    """`blanks`: on hand by the ledger, None where unknown. `districts`: names by code. `tz`: the office's zone."""
    state = _state(view, blanks)
    found = troubles(view.health.reasons)
    sentence = found[0].name if view.word == "printer_stopped" and found else state.sentence
    return Screen(
        station=view.station,
        look=state.look,
        word=state.word,
        sentence=sentence.fill(
            card="" if view.at_printer is None else ending(view.at_printer.receipt_number),
            why=pause_said(view.reason),
            opens=UNKNOWN_OPENING
            if view.printing_from is None
            else moment_said(view.printing_from, view.now, tz),
            since="?" if view.office_seen_at is None else moment_said(view.office_seen_at, view.now, tz),
        ),
        also=tuple(_also(view)),
        next_card=None if view.word in HELD else _card(view.next_card, districts),
        waiting_cards=view.waiting_cards,
        at_printer=_card(view.at_printer, districts),
        uncertain=_card(view.uncertain, districts),
        troubles=found,
        paused=view.word == "paused" or view.state == "paused" or view.pause_waiting,
        printed_today=view.printed_today,
        spoiled_today=view.spoiled_today,
        clock=clock_time(view.now, tz),
    )


def _state(view: StationView, blanks: int | None) -> State:
    if view.word == "printing":
        return PRINTING if view.at_printer is not None else READY
    if view.word != "ready":
        return STATES[view.word]
    if view.next_card is not None:
        return READY
    return NO_BLANKS if blanks == 0 else IDLE


def _also(view: StationView) -> Iterator[Said]:
    """What holds the station besides what its word says, and what is on its way."""
    if not view.office_reachable and view.word not in ("offline", "starting"):
        yield ALSO["offline"]
    if view.word != "closed" and "printing_closed" in view.blocked_by:
        yield ALSO["closed"]
    if view.pause_waiting:
        yield ALSO["pause_waiting"]
    if view.owed and not view.office_reachable:
        yield ALSO["owed"].fill(n=view.owed)


def pause_said(reason_given: str) -> Said:
    """Why the station is paused: a program's word in both languages, a person's as it stands."""
    known = PAUSES.get(reason_given.partition(":")[0])
    return Said(reason_given, reason_given) if known is None else known


def troubles(keywords: Sequence[str]) -> tuple[Trouble, ...]:
    """What the printer reports, the gravest first; plain notes are left out."""
    said = {known.message_id: known for known in map(reason, keywords) if known.severity != "note"}
    return tuple(map(_trouble, sorted(said.values(), key=lambda known: known.severity != "stopped")))


def _trouble(known: Reason) -> Trouble:
    steps = tuple(map(Said, known.steps_id, known.steps_en))[:STEPS]
    name = Said(known.message_id, known.message_en)
    return Trouble(name=name, steps=steps, stops=known.severity == "stopped")


def ending(receipt_number: str) -> str:
    """The end of a receipt number: enough to know a card by, too little to ask for it."""
    return receipt_number[-DIGITS:]


def _card(card: CardView | None, districts: Mapping[str, str]) -> CardShown | None:
    if card is None:
        return None
    return CardShown(
        attempt_id=str(card.attempt_id),
        digits=ending(card.receipt_number) or str(card.attempt_id)[-DIGITS:].upper(),
        district=districts.get(card.district_code, card.district_code),
    )
