"""Photos and signatures of nobody: a drawn silhouette and a scribble, few of each, as base64 JPEG.

The photo's ground is red or blue by the birth year, as on the card; the word on it says that it is a specimen.
"""

import base64
from functools import lru_cache
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from simulator.domain.draw import draw, pick
from simulator.domain.person import Person

_VARIANTS: Final = 8
_RED: Final = (178, 34, 34)
_BLUE: Final = (36, 84, 164)
_SKINS: Final = ((224, 190, 160), (198, 155, 118), (160, 118, 84))
_HAIR: Final = ((28, 24, 22), (60, 44, 34), (90, 90, 96))
_CLOTHES: Final = ((70, 90, 70), (120, 90, 60), (60, 60, 90))


def photo(person: Person) -> str:
    """300 x 400, under 12 KB."""
    return _photo(int(draw(person.nik, "photo") * _VARIANTS), red=person.birth_date.year % 2 == 1)


def signature(person: Person) -> str:
    """300 x 120, black on white."""
    return _signature(int(draw(person.nik, "signature") * _VARIANTS))


@lru_cache
def _photo(variant: int, *, red: bool) -> str:
    image = Image.new("RGB", (300, 400), _RED if red else _BLUE)
    pen = ImageDraw.Draw(image)
    wide = int(20 * draw(variant, "wide"))
    pen.ellipse((30, 280, 270, 560), fill=pick(_CLOTHES, variant, "clothes"))
    pen.rectangle((125, 230, 175, 300), fill=pick(_SKINS, variant, "skin"))
    pen.ellipse((80 - wide, 70, 220 + wide, 230), fill=pick(_HAIR, variant, "hair"))
    pen.ellipse((92 - wide // 2, 95, 208 + wide // 2, 265), fill=pick(_SKINS, variant, "skin"))
    pen.text((150, 372), "SPESIMEN", fill="white", anchor="mm", font=ImageFont.load_default(28))
    return _jpeg(image)


@lru_cache
def _signature(variant: int) -> str:
    image = Image.new("L", (300, 120), 255)
    points = [
        (20 + 13 * step + 30 * draw(variant, step, "x"), 20 + 80 * draw(variant, step, "y"))
        for step in range(18)
    ]
    ImageDraw.Draw(image).line(points, fill=0, width=3, joint="curve")
    return _jpeg(image)


def _jpeg(image: Image.Image) -> str:
    out = BytesIO()
    image.save(out, "JPEG", quality=70)
    return base64.b64encode(out.getvalue()).decode()
