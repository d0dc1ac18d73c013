"""Which driver stands behind a station, as `cetak.json` says; and that each leaves the audit its witness."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import ValidationError

from backbone.auth import Authority
from backbone.broker import EmbeddedBroker
from backbone.clock import VirtualClock
from backbone.ids import Ids
from onebox.homes import witnesses
from onebox.keys import load_or_make
from onebox.parts import Parts, card_session
from onebox.settings import Deployment, StationConfig
from onebox.storage import Storage
from printer_agent.card_face import CardFace
from printer_agent.drivers.folder import FolderSession
from printer_agent.drivers.ipp.session import IppSession
from printer_agent.drivers.null import NullSession
from printer_agent.session import CardSession, PreparedCard

ATTEMPT = UUID("01936d2a-0000-7000-8000-000000000001")


def _session(home: Path, station: StationConfig) -> CardSession:
    clock, keys = VirtualClock(datetime(2026, 3, 2, 1, tzinfo=UTC)), load_or_make(home / "keys.json")
    parts = Parts(
        home=home,
        deployment=Deployment(stations=(station,)),
        storage=Storage(home),
        clock=clock,
        ids=Ids(clock),
        keys=keys,
        authority=Authority(clock, public=keys.public, private=keys.private),
        broker=EmbeddedBroker(),
        every=None,
        chaos=None,
    )
    return card_session(parts, station, CardFace())


def test_a_station_prints_into_a_folder_unless_told_otherwise(tmp_path: Path) -> None:
    assert isinstance(_session(tmp_path, StationConfig(id="2102-1")), FolderSession)


def test_a_station_may_have_the_null_printer(tmp_path: Path) -> None:
    assert isinstance(_session(tmp_path, StationConfig(id="2102-1", driver="null")), NullSession)


def test_a_station_may_have_a_printer_over_ipp(tmp_path: Path) -> None:
    station = StationConfig(id="2102-1", driver="ipp", printer_uri="ipp://127.0.0.1/ipp/print")
    assert isinstance(_session(tmp_path, station), IppSession)


def test_the_evidence_of_a_printer_can_be_set(tmp_path: Path) -> None:
    station = StationConfig(
        id="2102-1", driver="ipp", printer_uri="ipp://127.0.0.1/printers/kartu", evidence="device"
    )
    assert _session(tmp_path, station).capabilities.evidence == "device"


def test_until_it_has_answered_a_printers_word_is_a_spoolers(tmp_path: Path) -> None:
    station = StationConfig(id="2102-1", driver="ipp", printer_uri="ipp://127.0.0.1/ipp/print")
    assert _session(tmp_path, station).capabilities.evidence == "spooler"


@pytest.mark.parametrize(
    "said",
    [
        {"driver": "ipp"},
        {"driver": "folder", "printer_uri": "ipp://127.0.0.1/ipp/print"},
        {"driver": "ipp", "printer_uri": "http://127.0.0.1/ipp/print"},
    ],
)
def test_a_printer_uri_belongs_to_the_driver_ipp_and_is_of_ipp(said: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="printer_uri"):
        StationConfig.model_validate({"id": "2102-1", **said})


def test_an_unknown_driver_is_refused() -> None:
    with pytest.raises(ValidationError, match="driver"):
        StationConfig.model_validate({"id": "2102-1", "driver": "laser"})


async def test_the_audit_sees_what_a_null_printer_sent(tmp_path: Path) -> None:
    session = _session(tmp_path, StationConfig(id="2102-1", driver="null"))

    await session.submit(PreparedCard(attempt_id=ATTEMPT, document=b""), ATTEMPT)

    assert str(ATTEMPT) in str(witnesses(tmp_path).prints)
