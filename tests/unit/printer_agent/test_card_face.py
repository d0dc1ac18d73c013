"""What is printed, and that it is the same each time."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
import zxingcpp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from printer_agent.card_face import FOLDER, CardFace, Unprintable, face_data, qr_text, rows
from printer_agent.session import Card

MakeCard = Callable[..., Card]

FRONT_ROWS_END = 614
"""Pixel row at which the front's lower edge may begin; nothing of the rows may touch it."""
PHOTO_LEFT = 745


def _sides(face: CardFace, card: Card) -> list[Image.Image]:
    return [Image.open(BytesIO(side)).convert("RGB") for side in face.pictures(card)]


def _inked(face: CardFace, card: Card, blank: Card) -> tuple[int, int, int, int]:
    """The box, in px, in which two cards' fronts differ."""
    box = ImageChops.difference(_sides(face, card)[0], _sides(face, blank)[0]).getbbox()
    assert box is not None
    return box


def test_the_same_card_has_the_same_bytes(face: CardFace, make_card: MakeCard) -> None:
    assert face.render(make_card()) == face.render(make_card())


def test_another_face_makes_the_same_bytes(face: CardFace, make_card: MakeCard) -> None:
    assert CardFace().render(make_card()) == face.render(make_card())


def test_a_card_has_two_pages_of_id_1(face: CardFace, make_card: MakeCard) -> None:
    boxes = re.findall(rb"/MediaBox\s*\[([^\]]+)\]", face.render(make_card()))
    sizes = [tuple(round(float(side) * 25.4 / 72, 2) for side in box.split()[2:]) for box in boxes]
    assert sizes == [(85.6, 53.98)] * 2


def test_a_pdf_carries_no_moment(face: CardFace, make_card: MakeCard) -> None:
    assert b"/CreationDate" not in face.render(make_card())


def test_pictures_are_300_dots_per_inch(face: CardFace, make_card: MakeCard) -> None:
    assert [side.size for side in _sides(face, make_card())] == [(1011, 638)] * 2


@pytest.mark.parametrize("specimen", [True, False])
def test_the_back_s_code_reads_as_attempt_and_receipt(
    face: CardFace, make_card: MakeCard, specimen: bool
) -> None:
    card = make_card(specimen=specimen)
    (code,) = zxingcpp.read_barcodes(_sides(face, card)[1])
    assert code.text == "CETAK:0193566F-8A10-7C2E-B1D4-5F60718293A4:2102-7K3F-9QXM-4"


def test_the_front_has_no_code(face: CardFace, make_card: MakeCard) -> None:
    assert not zxingcpp.read_barcodes(_sides(face, make_card())[0])


def test_the_code_holds_no_nik(make_card: MakeCard) -> None:
    assert make_card().nik not in qr_text(make_card())


def test_rows_stand_in_the_printed_order(make_card: MakeCard) -> None:
    assert [label.strip() for label, _ in rows(make_card())] == [
        "Nama",
        "Tempat/Tgl Lahir",
        "Jenis Kelamin",
        "Alamat",
        "RT/RW",
        "Kel/Desa",
        "Kecamatan",
        "Agama",
        "Status Perkawinan",
        "Pekerjaan",
        "Kewarganegaraan",
        "Berlaku Hingga",
    ]


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ("Karimun", "KABUPATEN KARIMUN"),
        ("Kabupaten Karimun", "KABUPATEN KARIMUN"),
        ("Kota Batam", "KOTA BATAM"),
    ],
)
def test_a_regency_is_headed_by_its_kind(make_card: MakeCard, said: str, printed: str) -> None:
    assert face_data(make_card(regency=said))["regency"] == printed


def test_the_place_of_issue_stands_without_its_kind(make_card: MakeCard) -> None:
    assert face_data(make_card(issued_at_place="Kota Batam"))["issued"] == ["BATAM", "24-11-2026"]


@pytest.mark.parametrize(
    "change", [{"specimen": False}, {"photo": None}, {"signature": None}, {"full_name": "Budi"}]
)
def test_what_changes_on_the_card_is_seen(
    face: CardFace, make_card: MakeCard, change: dict[str, Any]
) -> None:
    assert face.pictures(make_card(**change))[0] != face.pictures(make_card())[0]


def test_both_sides_of_a_specimen_say_so(face: CardFace, make_card: MakeCard) -> None:
    marked, plain = _sides(face, make_card()), _sides(face, make_card(specimen=False))
    widths = [ImageChops.difference(one, other).getbbox() for one, other in zip(marked, plain, strict=True)]
    assert all(box is not None and box[2] - box[0] > 600 for box in widths)


@pytest.mark.parametrize(
    "long",
    [
        {"full_name": "RADEN MAS MUHAMMAD ABDURRAHMAN AL-HABSYI BIN SYARIF HIDAYATU"},
        {"full_name": "W" * 60},
        {"full_name": "WW " * 20, "address": "PERUMAHAN GRIYA INDAH PERMAI SEJAHTERA BLOK C " * 4},
        {"village": "W" * 40, "district": "W" * 40, "occupation": "KARYAWAN BADAN USAHA MILIK " * 3},
    ],
)
def test_long_values_stay_clear_of_the_photo_and_the_edge(
    face: CardFace, make_card: MakeCard, long: dict[str, Any]
) -> None:
    _, _, right, bottom = _inked(
        face, make_card(specimen=False, **long), make_card(specimen=False, full_name="-")
    )
    assert (right <= PHOTO_LEFT, bottom <= FRONT_ROWS_END) == (True, True)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(st.characters(codec="utf-8"), max_size=60))
def test_any_text_is_printed_as_text(face: CardFace, make_card: MakeCard, name: str) -> None:
    assert face.render(make_card(full_name=name)).startswith(b"%PDF")


@pytest.mark.parametrize("part", ["photo", "signature"])
@pytest.mark.parametrize("junk", [b"", b"not a picture", b"\xff\xd8\xff\xe0" + b"\0" * 40])
def test_a_broken_picture_is_unprintable(face: CardFace, make_card: MakeCard, part: str, junk: bytes) -> None:
    with pytest.raises(Unprintable):
        face.render(make_card(**{part: junk}))


def test_after_an_unprintable_card_the_next_is_printed(face: CardFace, make_card: MakeCard) -> None:
    with pytest.raises(Unprintable):
        face.render(make_card(photo=b"junk"))
    assert face.render(make_card()).startswith(b"%PDF")


def test_a_card_s_repr_shows_no_personal_data(make_card: MakeCard) -> None:
    assert not [
        secret for secret in ("2102015708909001", "Siti", "1990", "Lakam") if secret in repr(make_card())
    ]


def test_fonts_carry_their_licences() -> None:
    assert {path.name for path in (FOLDER / "fonts").iterdir()} >= {
        "LICENSE-Roboto.txt",
        "LICENSE-OCR-B.txt",
    }
