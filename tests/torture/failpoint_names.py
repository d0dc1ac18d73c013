"""Every named failpoint of the source, and the process that passes it."""

import re
from pathlib import Path

from backbone.schemas import SCHEMAS

ROOT = Path(__file__).resolve().parents[2]
HIT = re.compile(r"""failpoints\.hit\((f?)"([^"]+)"\)""")
FILLED = re.compile(r"\{[^}]*\}")
IPP = "ipp."
"""Passed by stations with an IPP printer alone: the crash table of `tests/system` kills them there."""


def names(root: Path = ROOT) -> list[str]:
    """All of them; one whose name holds a service's name stands for each service."""
    found: set[str] = set()
    for source in (*root.glob("backbone/src"), *root.glob("services/*/src")):
        for path in source.rglob("*.py"):
            for formatted, name in HIT.findall(path.read_text()):
                found.update([FILLED.sub(schema, name) for schema in SCHEMAS] if formatted else [name])
    return sorted(found)


def without_ipp() -> list[str]:
    """Those that a cluster passes whose stations print into a folder."""
    return [name for name in names() if not name.startswith(IPP)]


def owner(name: str, *, station: str) -> str:
    """The process that passes it; the broker's own points are passed by every consumer, so by the scheduler."""
    first, _, _ = name.partition(".")
    return {"station": station, "folder": station, "broker": "scheduler"}.get(first, first)
