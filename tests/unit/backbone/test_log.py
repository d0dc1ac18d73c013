"""Log lines: only allowed fields, no NIK, no value of an error."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from io import StringIO
from typing import Any

import pytest
import structlog

from backbone import log

NIK = "2102012906909001"


@contextmanager
def configured(*, json: bool = True) -> Iterator[StringIO]:
    """Logging as a process sets it up; what it writes to standard error."""
    before = structlog.get_config()
    with redirect_stderr(StringIO()) as text:
        log.configure(json=json)
    yield text
    structlog.configure(**before)


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The lines logged so far, parsed."""
    with configured() as text:
        yield lambda: [json.loads(line) for line in text.getvalue().splitlines()]


def test_a_line_is_one_json_object_with_its_level_and_moment(lines: Any) -> None:
    structlog.get_logger().info("card_printed", station="2102-1")
    (line,) = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "card_printed", "level": "info", "station": "2102-1"}


def test_a_field_that_is_not_allowed_stays_out(lines: Any) -> None:
    structlog.get_logger().info("case_read", full_name="SITI SPESIMEN", phone="0811", count=1)
    assert set(lines()[0]) == {"event", "level", "timestamp", "count"}


def test_a_bound_correlation_id_reaches_the_line(lines: Any) -> None:
    with structlog.contextvars.bound_contextvars(correlation_id="abc"):
        structlog.get_logger().info("asked")
    assert lines()[0]["correlation_id"] == "abc"


def test_lines_below_the_level_are_not_written(lines: Any) -> None:
    structlog.get_logger().debug("detail")
    assert lines() == []


def test_an_exception_is_told_by_type_and_places_alone(lines: Any) -> None:
    def refuse() -> None:
        raise ValueError(f"{NIK} SITI SPESIMEN")

    try:
        refuse()
    except ValueError:
        structlog.get_logger().exception("letter_buried")
    (line,) = lines()
    assert line["error"] == "ValueError"
    assert line["where"].startswith("refuse:")
    assert "SPESIMEN" not in json.dumps(line)


def test_an_exception_logged_outside_its_handler_says_unknown() -> None:
    assert log.tell_errors(None, "error", {"exc_info": True}) == {"error": "unknown", "where": ""}


def test_the_console_form_is_for_people() -> None:
    with configured(json=False) as text:
        structlog.get_logger().info("card_printed", reason=NIK)
    assert "card_printed" in text.getvalue()
    assert NIK not in text.getvalue()


@pytest.mark.parametrize("value", [int(NIK), f"of {NIK}!", [NIK], {"nik": NIK}, f"/a/{NIK}", f"0{NIK}"])
def test_a_nik_is_masked_wherever_it_stands(value: Any) -> None:
    assert NIK not in json.dumps(log.allow(None, "info", {"reason": value}))


@pytest.mark.parametrize("value", [0, 12, 0.1234567890123456, True, None, "21.02", 1_530_232_200_000])
def test_other_values_stay_as_they_are(value: Any) -> None:
    assert log.allow(None, "info", {"count": value}) == {"count": value}
