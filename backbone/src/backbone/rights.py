"""Who may do what: one table of actions and scopes, and the one function that decides.

A token carries scopes and a region code prefix ('' nation, '21' province, '21.02' office); an object belongs to an
office. A station's token serves that station alone.
"""

from dataclasses import dataclass

from backbone.problems import Forbidden

SCOPES = frozenset({"kiosk", "counter", "station", "operator", "supervisor", "auditor", "district"})

ACTIONS: dict[str, frozenset[str]] = {
    "application.post": frozenset({"kiosk", "counter", "operator", "supervisor"}),
    "application.import": frozenset({"supervisor"}),
    "application.read": frozenset({"counter", "operator", "supervisor", "auditor"}),
    "application.search": frozenset({"counter", "operator", "supervisor"}),
    "application.withdraw": frozenset({"counter", "operator", "supervisor"}),
    "application.correct": frozenset({"counter", "operator", "supervisor"}),
    "application.collect": frozenset({"counter", "operator", "supervisor"}),
    "application.reopen": frozenset({"supervisor"}),
    "queue.read": frozenset({"counter", "operator", "supervisor", "auditor", "district"}),
    "application.decide": frozenset({"operator", "supervisor"}),
    "application.urgent": frozenset({"supervisor"}),
    "policy.read": frozenset({"operator", "supervisor", "auditor"}),
    "policy.write": frozenset({"supervisor"}),
    "station.work": frozenset({"station"}),
    "station.read": frozenset({"station", "operator", "supervisor", "auditor"}),
    "station.enrol": frozenset({"supervisor"}),
    "station.pause": frozenset({"station", "operator", "supervisor"}),
    "station.lost": frozenset({"supervisor"}),
    "stock.load": frozenset({"station", "operator", "supervisor"}),
    "stock.write": frozenset({"operator", "supervisor"}),
    "paper.read": frozenset({"operator", "supervisor", "auditor"}),
    "attempt.read": frozenset({"operator", "supervisor", "auditor"}),
    "attempt.reconcile": frozenset({"station", "operator", "supervisor"}),
    "office.recover": frozenset({"supervisor"}),
    "incident.close": frozenset({"supervisor"}),
    "window.read": frozenset({"counter", "operator", "supervisor", "auditor"}),
    "window.write": frozenset({"supervisor"}),
    "dead_letter.read": frozenset({"operator", "supervisor", "auditor"}),
    "dead_letter.settle": frozenset({"supervisor"}),
}


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who asks, as the token says. `subject` names a device or a person's account, never a citizen."""

    subject: str
    scopes: frozenset[str]
    prefix: str
    station: str | None = None


def covers(prefix: str, office: str) -> bool:
    """Whether a region code lies at or below a prefix."""
    return not prefix or office == prefix or office.startswith(prefix + ".")


def authorize(actor: Actor, action: str, *, office: str | None = None, station: str | None = None) -> None:
    """Raise Forbidden unless the actor may do this to an object of that office (and station)."""
    scopes = ACTIONS[action] & actor.scopes
    only_station = scopes == {"station"}
    if not scopes or (office is not None and not covers(actor.prefix, office)):
        raise Forbidden
    if only_station and station is not None and station != actor.station:
        raise Forbidden
