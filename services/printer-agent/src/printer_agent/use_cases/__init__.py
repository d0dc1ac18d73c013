"""A station's work: intent before effect, evidence after effect, a person for the gap.

Prepare, arm last, journal the intent, send once, journal the outcome, report until the scheduler has it. A station that
cannot reach its office finishes its armed card and starts no other; one that restarts never goes on with an armed card.
"""

from printer_agent.use_cases.standing import Superseded
from printer_agent.use_cases.station import Station
from printer_agent.use_cases.view import CardView, StationView, Word

__all__ = ["CardView", "Station", "StationView", "Superseded", "Word"]
