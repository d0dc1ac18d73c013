"""What people write into the station's forms, and what is said about it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printer_agent.page.fields import (
    MISSING,
    NO_NUMBER,
    SAME_PERSON,
    UNCHECKED,
    Field,
    Form,
    Values,
    faults,
    parse,
)
from printer_agent.page.forms import COUNT, FORMS, INTACT, SUPPLIES
from printer_agent.page.said import Said

TWO = {"person": "Sri", "second_person": "Tono"}
COUNTED: Values = {"blanks": "212", "reason": "akhir giliran", **TWO}


def _ask(field: Field) -> Form:
    nothing = Said("", "")
    return Form(path="x", title=nothing, lead=nothing, button=nothing, fields=(field,))


def test_a_body_is_read_with_its_spaces_folded() -> None:
    assert parse(b"person=+Sri++Wahyuni+&reason=macet%0D%0Alagi") == {
        "person": "Sri Wahyuni",
        "reason": "macet lagi",
    }


def test_control_characters_are_left_out() -> None:
    assert parse(b"person=a%00b") == {"person": "a b"}


@pytest.mark.parametrize("body", [b"person=%ff", b"person=\xff", b"&".join([b"a=1"] * 50)])
def test_what_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"codec|fields"):
        parse(body)


@given(st.binary(max_size=200))
def test_any_body_is_read_or_refused(body: bytes) -> None:
    try:
        values = parse(body)
    except ValueError:
        return
    assert all(value.isprintable() for value in values.values())


def test_a_good_form_has_no_faults() -> None:
    assert faults(COUNT, COUNTED) == {}


@pytest.mark.parametrize("name", ["blanks", "reason", "person", "second_person"])
def test_each_required_field_is_missed(name: str) -> None:
    assert faults(COUNT, COUNTED | {name: ""}) == {name: MISSING}


@pytest.mark.parametrize("second", ["Sri", "sri", "SRI"])
def test_the_second_person_is_another(second: str) -> None:
    assert faults(COUNT, COUNTED | {"second_person": second}) == {"second_person": SAME_PERSON}


@pytest.mark.parametrize("written", ["-1", "1.000", "12a", "²", "٣"])
def test_a_number_is_plain_digits(written: str) -> None:
    assert faults(COUNT, COUNTED | {"blanks": written}) == {"blanks": NO_NUMBER}


@pytest.mark.parametrize("written", ["100001", "0000000000001", "9" * 30])
def test_a_number_lies_in_its_range(written: str) -> None:
    assert faults(COUNT, COUNTED | {"blanks": written})["blanks"].en == "Must be between 0 and 100000."


@pytest.mark.parametrize("written", ["ab", "x" * 301])
def test_a_reason_is_neither_a_word_nor_a_book(written: str) -> None:
    assert list(faults(COUNT, COUNTED | {"reason": written})) == ["reason"]


def test_a_choice_is_one_of_those_offered() -> None:
    values = {"item": "toner", "previous": "used_up", "person": "Sri"}
    assert faults(SUPPLIES, values) == {"item": MISSING}


def test_a_field_that_may_stay_empty_does() -> None:
    values = {"item": "film", "previous": "removed", "person": "Sri", "nominal": "", "roll": ""}
    assert faults(SUPPLIES, values) == {}


def test_nobody_says_intact_without_having_looked() -> None:
    values = {"reason": "tidak ada kartu", "attempt_id": "x", **TWO}
    assert faults(INTACT, values) == {"looked": UNCHECKED}


def test_the_shortest_and_the_longest_are_good() -> None:
    form = _ask(Field(name="a", least=3, most=5))
    assert [faults(form, {"a": text}) for text in ("abc", "abcde")] == [{}, {}]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_text_of_a_form_stands_in_both_languages(form: Form) -> None:
    texts = [form.title, form.lead, form.button]
    for field in form.fields:
        texts += [field.hint] if field.hint else []
        texts += [field.label] if field.kind != "hidden" else []
        texts += [said for _, said in field.choices]
    assert [said for said in texts if not said.id or not said.en] == []
