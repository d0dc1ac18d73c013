"""Receipt numbers: their form, how people read them, which errors they catch; and the PIN."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.domain.receipt import RANDOM_BYTES, derive_pin, make_receipt, parse_receipt

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RECEIPTS = st.builds(
    make_receipt,
    st.from_regex(r"[1-9][0-9]\.[0-9][0-9]", fullmatch=True),
    st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES),
)
APPLICATION = UUID(int=7)


def test_a_receipt_number_is_office_random_characters_and_check() -> None:
    assert make_receipt("21.02", bytes.fromhex("39c6f4dfb4")) == "2102-773F-9QXM-W"


@pytest.mark.parametrize("count", [RANDOM_BYTES - 1, RANDOM_BYTES + 1])
def test_a_receipt_number_takes_exactly_its_random_bytes(count: int) -> None:
    with pytest.raises(ValueError, match="random bytes"):
        make_receipt("21.02", bytes(count))


@given(RECEIPTS)
def test_a_receipt_number_reads_back_however_it_is_written(receipt: str) -> None:
    assert parse_receipt(receipt) == receipt
    assert parse_receipt(f" {receipt.lower()} ") == receipt
    assert parse_receipt(receipt.replace("-", "")) == receipt
    assert parse_receipt(receipt.replace("0", "O").replace("1", "I")) == receipt
    assert parse_receipt(receipt.replace("0", "o").replace("1", "l")) == receipt


@given(RECEIPTS, st.integers(min_value=0, max_value=12), st.sampled_from(SYMBOLS))
def test_one_wrong_character_is_caught(receipt: str, position: int, symbol: str) -> None:
    symbols = receipt.replace("-", "")
    wrong = symbols[:position] + symbol + symbols[position + 1 :]

    assert (parse_receipt(wrong) is None) == (symbol != symbols[position])


@given(RECEIPTS, st.integers(min_value=0, max_value=12), st.integers(min_value=0, max_value=12))
def test_two_exchanged_characters_are_caught(receipt: str, one: int, other: int) -> None:
    symbols = list(receipt.replace("-", ""))
    symbols[one], symbols[other] = symbols[other], symbols[one]
    same = "".join(symbols) == receipt.replace("-", "")

    assert (parse_receipt("".join(symbols)) is None) == (not same)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2102-773F-9QXM",
        "2102-773F-9QXM-WW",
        "2102-773F-9QXU-W",
        "A102-773F-9QXM-W",
        "\u00b2102-773F-9QXM-W",
    ],
)
def test_what_is_no_receipt_number_is_none(text: str) -> None:
    assert parse_receipt(text) is None


@given(st.text(max_size=20))
def test_no_text_whatever_breaks_the_parser(text: str) -> None:
    receipt = parse_receipt(text)
    assert receipt is None or parse_receipt(receipt) == receipt


@given(st.binary(min_size=32, max_size=32), st.uuids(), st.integers(min_value=0, max_value=2**31))
def test_a_pin_has_six_digits_and_is_always_the_same(key: bytes, application_id: UUID, version: int) -> None:
    pin = derive_pin(key, application_id, version)

    assert len(pin) == 6
    assert pin.isdecimal()
    assert pin == derive_pin(key, application_id, version)


def test_a_pin_changes_with_key_application_and_version() -> None:
    pins = {
        derive_pin(b"k" * 32, APPLICATION, 1),
        derive_pin(b"l" * 32, APPLICATION, 1),
        derive_pin(b"k" * 32, UUID(int=8), 1),
        derive_pin(b"k" * 32, APPLICATION, 2),
    }

    assert len(pins) == 4


def test_pins_spread_evenly() -> None:
    first_digits = [derive_pin(b"k" * 32, UUID(int=n), 1)[0] for n in range(10_000)]

    assert all(900 < first_digits.count(digit) < 1100 for digit in "0123456789")
