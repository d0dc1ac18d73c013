"""The envelope: what is packed comes out whole, in order, in few messages; what is no envelope is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backbone.letters import (
    BATCH,
    LARGEST,
    LONGEST,
    MOST_BYTES,
    MOST_EVENTS,
    SINGLE,
    Letter,
    Unreadable,
    pack,
    unpack,
)

EVENT = {"specversion": "1.0", "type": "test.told.v1", "data": {}}
words = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
letters = st.builds(
    Letter,
    type=words.filter(bool),
    key=st.sampled_from(["a", "b", "c.d"]),
    subject=words,
    id=words,
    body=values.map(json.dumps),
)


def letter(number: int, key: str = "a", body: str = "{}") -> Letter:
    return Letter(type="test.told.v1", key=key, subject=str(number), body=body, id=str(number))


def opened(sent: list[Letter]) -> list[Letter]:
    return [one for p in pack("test", sent) for one in unpack(p.content_type, p.key, p.body)]


@given(st.lists(letters, max_size=30))
def test_what_is_packed_comes_out_whole_and_in_order_within_its_key(sent: list[Letter]) -> None:
    came = opened(sent)
    for key in ("a", "b", "c.d"):
        assert [one for one in came if one.key == key] == [one for one in sent if one.key == key]


@given(st.lists(letters, max_size=30))
def test_a_message_knows_the_letters_in_it(sent: list[Letter]) -> None:
    for parcel in pack("test", sent):
        assert unpack(parcel.content_type, parcel.key, parcel.body) == [*parcel.letters]


@given(st.lists(st.integers(0, MOST_BYTES * 2), max_size=5), st.integers(0, 3))
def test_no_message_is_larger_than_allowed_unless_it_holds_one_letter(sizes: list[int], keys: int) -> None:
    sent = [letter(n, str(n % (keys + 1)), '"' + "x" * size + '"') for n, size in enumerate(sizes)]
    for parcel in pack("test", sent):
        assert len(parcel.letters) == 1 or len(parcel.body) <= MOST_BYTES + 2


@pytest.mark.parametrize(
    ("count", "sizes"),
    [
        (0, []),
        (1, [1]),
        (MOST_EVENTS, [MOST_EVENTS]),
        (MOST_EVENTS + 1, [MOST_EVENTS, 1]),
        (500, [MOST_EVENTS] * 5),
    ],
)
def test_a_message_holds_so_many_letters_at_most(count: int, sizes: list[int]) -> None:
    assert [len(parcel.letters) for parcel in pack("test", [letter(n) for n in range(count)])] == sizes


def test_a_letter_larger_than_a_message_should_be_travels_alone() -> None:
    large = letter(2, body='"' + "x" * MOST_BYTES + '"')
    assert [len(parcel.letters) for parcel in pack("test", [letter(1), large, letter(3)])] == [1, 1, 1]


def test_one_letter_alone_is_a_plain_event() -> None:
    (parcel,) = pack("intake", [letter(7, body='{"n": 1}')])
    assert (parcel.content_type, json.loads(parcel.body)) == (
        SINGLE,
        {
            "specversion": "1.0",
            "id": "7",
            "source": "/cetak/intake",
            "type": "test.told.v1",
            "subject": "7",
            "datacontenttype": "application/json",
            "data": {"n": 1},
        },
    )


def test_letters_of_one_key_are_one_list_of_events() -> None:
    (parcel,) = pack("intake", [letter(1), letter(2)])
    assert parcel.content_type == BATCH
    assert [event["subject"] for event in json.loads(parcel.body)] == ["1", "2"]


def test_letters_of_two_keys_never_share_a_message() -> None:
    parcels = pack("test", [letter(1, "a"), letter(2, "b"), letter(3, "a")])
    assert [(p.key, [one.subject for one in p.letters]) for p in parcels] == [("a", ["1", "3"]), ("b", ["2"])]


def test_an_event_of_another_hand_needs_neither_subject_nor_id() -> None:
    assert unpack(SINGLE, "k", json.dumps(EVENT).encode()) == [
        Letter(type="test.told.v1", key="k", subject="", body="{}")
    ]


@pytest.mark.parametrize(
    ("content_type", "body", "reason"),
    [
        (None, b"{}", "content type"),
        ("application/json", b"{}", "content type"),
        (SINGLE, b"", "no JSON"),
        (SINGLE, b"\xff\xff", "no JSON"),
        (SINGLE, b"[" * 100_000, "too deep"),
        (SINGLE, b'"' + b"x" * LARGEST + b'"', "too large"),
        (SINGLE, b"[]", "no CloudEvent 1.0"),
        (SINGLE, b'{"specversion": "0.3", "data": {}}', "no CloudEvent 1.0"),
        (SINGLE, b'{"specversion": "1.0"}', "no CloudEvent 1.0"),
        (BATCH, b"{}", "no list"),
        (BATCH, b'["SITI SPESIMEN"]', "no CloudEvent 1.0"),
    ],
    ids=range(11),
)
def test_what_is_no_envelope_of_ours_is_unreadable(
    content_type: str | None, body: bytes, reason: str
) -> None:
    with pytest.raises(Unreadable, match=f"^{reason}$"):
        unpack(content_type, "k", body)


@pytest.mark.parametrize("name", ["type", "subject", "id"])
@pytest.mark.parametrize("value", [1, None, "a\x00b", "a\nb", "\ud800", "x" * (LONGEST + 1)], ids=range(6))
def test_a_type_subject_or_id_that_no_table_would_hold_is_unreadable(name: str, value: object) -> None:
    with pytest.raises(Unreadable, match=f"^{name} is no plain text$"):
        unpack(SINGLE, "k", json.dumps(EVENT | {name: value}).encode())


def test_an_event_without_a_type_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="no type"):
        unpack(SINGLE, "k", b'{"specversion": "1.0", "data": {}}')


@given(st.binary(max_size=200) | values.map(json.dumps).map(str.encode), st.sampled_from([SINGLE, BATCH]))
def test_whatever_comes_is_letters_or_unreadable(body: bytes, content_type: str) -> None:
    try:
        unpack(content_type, "k", body)
    except Unreadable:
        return
    assert content_type == BATCH
    assert json.loads(body) == []
