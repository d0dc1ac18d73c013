"""A specimen person's card, to be varied."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from printer_agent.card_face import CardFace
from printer_agent.session import Card

ATTEMPT = UUID("0193566f-8a10-7c2e-b1d4-5f60718293a4")
MakeCard = Callable[..., Card]


def _jpeg(size: tuple[int, int], color: tuple[int, int, int]) -> bytes:
    file = BytesIO()
    Image.new("RGB", size, color).save(file, "JPEG")
    return file.getvalue()


@pytest.fixture(scope="session")
def face() -> CardFace:
    return CardFace()


@pytest.fixture(scope="session")
def make_card() -> MakeCard:
    said: dict[str, Any] = {
        "attempt_id": ATTEMPT,
        "receipt_number": "2102-7K3F-9QXM-4",
        "nik": "2102015708909001",
        "full_name": "Siti Aisyah",
        "birth_place": "Tanjung Balai Karimun",
        "birth_date": date(1990, 8, 17),
        "sex": "F",
        "blood_type": "O",
        "address": "Jl. Pertambangan No. 17",
        "rt": "002",
        "rw": "005",
        "village": "Sungai Lakam Timur",
        "district": "Karimun",
        "regency": "Kabupaten Karimun",
        "province": "Kepulauan Riau",
        "religion": "Islam",
        "marital_status": "Kawin",
        "occupation": "Guru",
        "issued_at_place": "Kabupaten Karimun",
        "issued_on": date(2026, 11, 24),
        "photo": _jpeg((300, 400), (200, 30, 40)),
        "signature": _jpeg((300, 120), (10, 10, 10)),
        "specimen": True,
    }

    def make(**changes: Any) -> Card:
        return Card(**(said | changes))

    return make
