"""After a restore of the database: what a station's journal means for an attempt that the database has, or has not.

The journal says what was sent. The database that was put back may have the attempt as it was before, or freed since, or
not at all. A card of which nobody here can know is uncertain, for a person to look at; what was never intended made none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from scheduler.domain.ledger import Move

Act = Literal["nothing", "free", "printed", "uncertain", "contradiction"]

APPLICATION_MOVES: Final[Mapping[str, frozenset[str]]] = {
    state: frozenset({"printing"})
    for state in ("waiting", "deferred", "verifying", "approved", "needs_correction", "in_review")
}
"""The only way past the gateway: a card was sent by an approval that the restored database has forgotten."""

FOUND: Final = Move(source="on_hand", target="uncertain", cause="found_after_restore")
"""The blank of a card that was sent, though the database has its attempt as released: its first booking is closed."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """An attempt as the database has it. `by_person`: a person said what became of its card."""

    state: str
    by_person: bool = False


@dataclass(frozen=True, kw_only=True)
class Told:
    """An attempt as its journal has it. `by_device`: the outcome is the device's own word."""

    intended: bool
    outcome: Literal["printed", "uncertain", "released"] | None
    by_device: bool = False

    @property
    def sent(self) -> bool:
        """Whether a card may be in the world."""
        return self.intended and self.outcome != "released"

    @property
    def proven(self) -> bool:
        """Whether one is, by the device's word."""
        return self.sent and self.outcome == "printed" and self.by_device


def decide(known: Known | None, told: Told) -> Act:
    """What becomes of an attempt by its journal. `uncertain` of an unknown one makes its row."""
    if known is None:
        # The approval it was armed by is forgotten as well: even a proven card is for a person to take in.
        return "uncertain" if told.sent else "nothing"
    if known.state == "reserved" and not told.sent:
        return "free"
    if known.state == "uncertain":
        return "printed" if told.proven else "nothing"
    if known.state == "released" and known.by_person:
        return "contradiction" if told.proven else "nothing"
    # An armed one without an outcome is being sent, or not yet: its station says so itself.
    undecided = known.state in ("reserved", "released") or (
        known.state == "armed" and told.outcome is not None
    )
    if not (undecided and told.sent):
        return "nothing"
    return "printed" if told.proven else "uncertain"
