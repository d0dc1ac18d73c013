"""The card's two sides as one PDF: same card, same bytes.

The layout is `face/card.typ`; the fonts beside it are the only ones used. Typst reads the card as one JSON text from
memory, pictures included, so that no personal data touches a disk on the way.
"""

import base64
import json
import os
import re
from datetime import date
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

import typst
import zxingcpp
from PIL import Image, ImageOps, UnidentifiedImageError

from printer_agent.session import Card

FOLDER = Path(__file__).parent / "face"
DOTS_PER_INCH = 300
_FAMILIES = {"Roboto", "OCR B"}
_SEX = {"M": "LAKI-LAKI", "F": "PEREMPUAN"}
_REGENCY_KIND = re.compile(r"^(KABUPATEN|KAB\.?|KOTA ADMINISTRASI|KOTA ADM\.|KOTA)\s+")


class Unprintable(ValueError):
    """The record's photo or signature is no picture that can be printed."""


class CardFace:
    """Renders cards. Safe to share between threads (one card at a time); rendering runs outside the GIL."""

    def __init__(self) -> None:
        fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FOLDER / "fonts")]
        )
        if missing := _FAMILIES - set(fonts.families()):
            raise FileNotFoundError(f"fonts missing in {FOLDER / 'fonts'}: {missing}")
        # A card's two pages are too few to be worth a second core: one thread takes a fifth less processor time.
        os.environ.setdefault("RAYON_NUM_THREADS", "1")  # noqa: TID251  # typst reads it here and nowhere else
        self._fonts = fonts
        self._layout = {
            "main": (FOLDER / "card.typ").read_bytes(),
            "rosette.svg": (FOLDER / "rosette.svg").read_bytes(),
        }
        self._lock = Lock()

    def render(self, card: Card) -> bytes:
        """A PDF of two ID-1 pages, front and back. Raises Unprintable."""
        return b"".join(self._compile(card, "pdf"))

    def pictures(self, card: Card) -> tuple[bytes, ...]:
        """The two sides as PNG, 1011 x 638 px. Raises Unprintable."""
        return tuple(self._compile(card, "png"))

    def _compile(self, card: Card, kind: Any) -> list[bytes]:
        # As a file in memory: `sys.inputs` would have typst build its whole library anew for each card.
        files = self._layout | {"card.json": json.dumps(face_data(card)).encode()}
        with self._lock:
            try:
                made = typst.compile(  # type: ignore[call-overload]  # its stub knows no files in memory
                    files, format=kind, ppi=DOTS_PER_INCH, font_paths=self._fonts, pdf_tags=False
                )
            except typst.TypstError:
                # Its diagnostics may quote the card.
                raise Unprintable(str(card.attempt_id)) from None
        return made if isinstance(made, list) else [made or b""]


def qr_text(card: Card) -> str:
    """What the QR says: attempt id and receipt number, never a NIK. Capitals keep the symbol small."""
    return f"CETAK:{card.attempt_id}:{card.receipt_number}".upper()


def rows(card: Card) -> tuple[tuple[str, str], ...]:
    """The labelled rows in the printed order; a label that starts with a space is indented."""
    return (
        ("Nama", card.full_name),
        ("Tempat/Tgl Lahir", f"{card.birth_place}, {_day(card.birth_date)}"),
        ("Jenis Kelamin", _SEX[card.sex]),
        ("Alamat", card.address),
        (" RT/RW", f"{card.rt}/{card.rw}"),
        (" Kel/Desa", card.village),
        (" Kecamatan", card.district),
        ("Agama", card.religion),
        ("Status Perkawinan", card.marital_status),
        ("Pekerjaan", card.occupation),
        ("Kewarganegaraan", card.nationality),
        ("Berlaku Hingga", card.valid_until),
    )


def face_data(card: Card) -> dict[str, Any]:
    """All that the template prints, in capitals as on the real card. Raises Unprintable."""
    return {
        "province": _headed("PROVINSI", card.province),
        "regency": _regency(card.regency),
        "nik": card.nik,
        "rows": [[label, value.upper()] for label, value in rows(card)],
        "blood_type": card.blood_type.upper() or "-",
        "issued": [_REGENCY_KIND.sub("", card.issued_at_place.upper()), _day(card.issued_on)],
        "photo": None if card.photo is None else _photo(card.photo),
        "signature": None if card.signature is None else _ink(card.signature),
        "receipt_number": card.receipt_number,
        "attempt_id": str(card.attempt_id),
        "qr": _qr(qr_text(card)),
        "specimen": card.specimen,
    }


def _day(moment: date) -> str:
    return moment.strftime("%d-%m-%Y")


def _headed(kind: str, name: str) -> str:
    return name.upper() if name.upper().startswith(kind) else f"{kind} {name.upper()}"


def _regency(name: str) -> str:
    return name.upper() if _REGENCY_KIND.match(name.upper()) else f"KABUPATEN {name.upper()}"


def _qr(text: str) -> str:
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    return str(code.to_svg(add_quiet_zones=False))


def _photo(jpeg: bytes) -> str:
    """The JPEG as it came, cropped to 3:4 by the frame it stands in."""
    _opened(jpeg)
    return _svg(jpeg, "jpeg", (300, 400), 'preserveAspectRatio="xMidYMid slice"')


def _ink(jpeg: bytes) -> str:
    """The signature's dark strokes on nothing, so that the card's ground shows through."""
    picture = _opened(jpeg)
    try:
        alpha = ImageOps.invert(picture.convert("L"))
    except OSError:
        raise Unprintable("signature") from None
    ink = Image.new("LA", picture.size, 20)
    ink.putalpha(alpha)
    file = BytesIO()
    ink.save(file, "PNG", compress_level=1)
    return _svg(file.getvalue(), "png", picture.size)


def _opened(jpeg: bytes) -> Image.Image:
    try:
        return Image.open(BytesIO(jpeg), formats=["JPEG"])
    except (UnidentifiedImageError, OSError):
        raise Unprintable("no JPEG") from None


def _svg(data: bytes, kind: str, frame: tuple[int, int], fit: str = "") -> str:
    """A picture as text: what typst reads from memory fastest. `frame` is width and height in px."""
    width, height = frame
    href = f"data:image/{kind};base64,{base64.b64encode(data).decode()}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
        f'<image width="{width}" height="{height}" {fit} href="{href}"/></svg>'
    )
