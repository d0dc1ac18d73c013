"""IPP messages survive the way to bytes and back; what is no message is told so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.card_printer import ipp
from simulator.card_printer.ipp import Malformed, Message, Tagged, decode, encode

NAMES = st.text("abcdefghijklmnop-", min_size=1, max_size=20)
WORDS = st.tuples(st.sampled_from((ipp.TEXT, ipp.NAME, ipp.KEYWORD, ipp.URI)), st.text(max_size=30))
NUMBERS = st.tuples(st.sampled_from((ipp.INTEGER, ipp.ENUM)), st.integers(-(2**31), 2**31 - 1))
TRUTHS = st.tuples(st.just(ipp.BOOLEAN), st.booleans())
RANGES = st.tuples(st.just(ipp.RANGE), st.tuples(st.integers(0, 99), st.integers(0, 99)))
VALUES = st.one_of(WORDS, NUMBERS, TRUTHS, RANGES).map(lambda pair: Tagged(tag=pair[0], values=(pair[1],)))
GROUPS = st.lists(
    st.tuples(st.sampled_from((ipp.OPERATION, ipp.JOB, ipp.PRINTER)), st.dictionaries(NAMES, VALUES))
)


@given(st.integers(0, 2**15 - 1), st.integers(1, 2**31 - 1), GROUPS, st.binary(max_size=50))
def test_a_message_comes_back_as_it_went(
    code: int, number: int, groups: list[tuple[int, dict[str, Tagged]]], data: bytes
) -> None:
    message = Message(code=code, request_id=number, groups=tuple(groups), data=data)

    assert decode(encode(message)) == message


def test_several_values_stay_together_in_their_order() -> None:
    told = Message(code=0, request_id=1, groups=((ipp.PRINTER, {"a": ipp.texts(ipp.KEYWORD, "x", "y")}),))

    assert decode(encode(told)).all("a", group=ipp.PRINTER) == ("x", "y")


def test_a_collection_is_read_by_its_members() -> None:
    inner = b"\x4a\0\0\0\1x" + b"\x21\0\0\0\4\0\0\0\7"
    raw = encode(Message(code=2, request_id=1))[:-1] + b"\2\x34\0\3col\0\0" + inner + b"\x37\0\0\0\0" + b"\3"

    assert decode(raw).first("col", group=ipp.JOB) == {"x": 7}


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_malformed(raw: bytes) -> None:
    try:
        decode(raw)
    except Malformed:
        return


def test_a_value_outside_of_any_group_is_malformed() -> None:
    with pytest.raises(Malformed):
        decode(b"\2\0\0\2\0\0\0\1\x44\0\1a\0\1b\3")


def test_a_value_that_goes_past_the_end_is_malformed() -> None:
    with pytest.raises(Malformed):
        decode(b"\2\0\0\2\0\0\0\1\1\x44\0\1a\0\x55b\3")
