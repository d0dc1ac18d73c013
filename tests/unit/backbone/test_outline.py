"""A message's outline: its structure, and nothing that might tell of a person."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backbone.outline import outline
from backbone.topology import CONTRACTS

NIK = "2102012906909001"
STATUS = "application.status.v1"
ID = "00000000-0000-0000-0000-000000000001"


def told(value: Any, name: str, type_name: str = STATUS) -> Any:
    return outline(type_name, json.dumps({name: value}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("application_id", ID),
        ("state", "waiting"),
        ("seq", 3),
        ("at", "2018-06-29T00:30:00Z"),
        ("due_at", None),
        ("due_at", "2018-06-29T00:30:00+07:00"),
    ],
)
def test_a_contracts_ids_states_numbers_and_times_are_shown(name: str, value: Any) -> None:
    assert told(value, name) == {name: value}


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("cause", NIK, "(text of 16)"),
        ("application_id", NIK * 2, "(text of 32)"),
        ("state", NIK, "(text of 16)"),
        ("state", [NIK], ["(text of 16)"]),
        ("seq", NIK, "(text of 16)"),
        ("seq", int(NIK), "(number)"),
        ("seq", 1.5, "(number)"),
        ("seq", True, True),
        ("at", NIK, "(text of 16)"),
        ("at", "20180629T003000", "(text of 15)"),
        ("elements", ["nik", NIK], ["(text of 3)", "(text of 16)"]),
    ],
)
def test_what_the_contract_does_not_expect_is_masked(name: str, value: Any, shown: Any) -> None:
    assert told(value, name) == {name: shown}


def test_a_number_with_a_fraction_is_shown_where_one_belongs() -> None:
    assert told(1.5, "call_seconds", "window.changed.v1") == {"call_seconds": 1.5}


def test_unknown_fields_are_told_without_their_names() -> None:
    assert told({NIK: [1, None]}, NIK) == {"(field 1)": {"(field 1)": ["(number)", None]}}


@pytest.mark.parametrize(
    ("type_name", "body", "shown"),
    [
        ("unreadable", NIK, "(number)"),
        ("unreadable", "{" + NIK, "(text of 17)"),
        ("unreadable", "[" * 100_000, "(text of 100000)"),
        (
            "test.unknown.v1",
            f'{{"seq": 1, "nik": "{NIK}"}}',
            {"(field 1)": "(number)", "(field 2)": "(text of 16)"},
        ),
        (STATUS, f'["{NIK}"]', ["(text of 16)"]),
        (STATUS, "[" * 9 + "]" * 9, [[[[[[[["(more)"]]]]]]]]),
        (STATUS, json.dumps([0] * 50), ["(number)"] * 20),
    ],
    ids=range(7),
)
def test_a_body_of_no_known_shape_is_told_by_its_structure_alone(
    type_name: str, body: str, shown: Any
) -> None:
    assert outline(type_name, body) == shown


@given(
    st.sampled_from([*CONTRACTS, "unreadable"]),
    st.recursive(
        st.sampled_from([NIK, int(NIK), f"SITI {NIK}"]),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from([NIK, "at", "seq", "office"]), inner),
        max_leaves=6,
    ),
)
def test_a_persons_number_is_never_told(type_name: str, value: Any) -> None:
    fields = dict.fromkeys(CONTRACTS[type_name].model_fields, value) if type_name in CONTRACTS else value
    for body in (value, fields):
        assert NIK not in json.dumps(outline(type_name, json.dumps(body)))
