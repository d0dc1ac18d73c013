"""Reads the packaged list of districts, once."""

import csv
from functools import cache
from importlib.resources import files

from intake.domain.regions import District, Regions


@cache
def packaged_regions() -> Regions:
    """The 7,285 districts of Kepmendagri 300.2.2-2430/2025; licence beside the file."""
    text = files("intake").joinpath("data/kecamatan.csv").read_text(encoding="utf-8")
    return Regions(District(**row) for row in csv.DictReader(text.splitlines()))
