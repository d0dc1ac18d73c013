"""Sealed blobs open only whole, under a key of the ring, and where they were bound."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backbone.seal import NotOurs, Sealer, keyed_hash

OLD, NEW = b"o" * 32, b"n" * 32
SEALER = Sealer({"k1": OLD, "k2": NEW}, "k2")


@given(st.binary(max_size=200), st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_what_was_sealed_opens_where_it_was_bound(plain: bytes, bound_to: str) -> None:
    assert SEALER.open(SEALER.seal(plain, bound_to), bound_to) == plain


def test_a_blob_does_not_open_elsewhere() -> None:
    with pytest.raises(NotOurs, match="bound to something else"):
        SEALER.open(SEALER.seal(b"plain", "row 1"), "row 2")


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_blob_with_one_byte_changed_does_not_open(at: int, flip: int) -> None:
    blob = bytearray(SEALER.seal(b"plain", "row"))
    blob[at % len(blob)] ^= flip
    with pytest.raises(NotOurs):
        SEALER.open(bytes(blob), "row")


@given(st.binary(max_size=40))
def test_noise_does_not_open(blob: bytes) -> None:
    with pytest.raises(NotOurs):
        SEALER.open(blob, "row")


@given(st.integers(0, 100))
def test_a_blob_cut_short_does_not_open(size: int) -> None:
    blob = SEALER.seal(b"plain", "row")
    with pytest.raises(NotOurs):
        SEALER.open(blob[: size % len(blob)], "row")


def test_an_old_key_still_opens_what_it_sealed() -> None:
    assert SEALER.open(Sealer({"k1": OLD}, "k1").seal(b"plain", "row"), "row") == b"plain"


def test_a_key_that_left_the_ring_opens_nothing() -> None:
    with pytest.raises(NotOurs, match="unknown key"):
        Sealer({"k1": OLD}, "k1").open(SEALER.seal(b"plain", "row"), "row")


def test_two_seals_of_one_text_differ() -> None:
    assert SEALER.seal(b"plain", "row") != SEALER.seal(b"plain", "row")


def test_the_text_does_not_show_in_its_blob() -> None:
    assert b"2102012906909001" not in SEALER.seal(b"2102012906909001", "row")


@pytest.mark.parametrize("current", ["k3", "k" * 256])
def test_a_ring_without_its_current_key_is_refused(current: str) -> None:
    with pytest.raises(ValueError, match="current key"):
        Sealer({"k1": OLD, "k" * 256: NEW}, current)


def test_a_keyed_hash_is_the_same_for_the_same_key_purpose_and_value() -> None:
    assert keyed_hash(OLD, "nik", "9001") == keyed_hash(OLD, "nik", "9001")


@pytest.mark.parametrize("other", [(NEW, "nik", "9001"), (OLD, "pin", "9001"), (OLD, "nik", "9002")])
def test_a_keyed_hash_differs_by_key_purpose_and_value(other: tuple[bytes, str, str]) -> None:
    assert keyed_hash(*other) != keyed_hash(OLD, "nik", "9001")


def test_a_sealer_goes_to_another_process_by_its_keys() -> None:
    other: Sealer = pickle.loads(pickle.dumps(SEALER))
    assert other.open(SEALER.seal(b"plain", "row"), "row") == b"plain"
    assert SEALER.open(other.seal(b"plain", "row"), "row") == b"plain"
