"""A home folder: whose it is, and what its outside witnesses saw."""

import os
from pathlib import Path

from onebox.audit.check import Witnesses, read_log


def own_as_parent(folder: Path) -> None:
    """Root gives what it made to whoever owns the folder around it, so that they can go on with it."""
    if os.geteuid() == 0:
        owner = folder.resolve().parent.stat()
        for path in (folder, *folder.rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def make_home(home: Path) -> None:
    """Make a home and what is missing above it; as root, for the owner of the folder they are made in."""
    missing = [home, *(parent for parent in home.resolve().parents if not parent.exists())]
    home.mkdir(parents=True, exist_ok=True)
    for folder in reversed(missing):
        own_as_parent(folder)


def witnesses(home: Path) -> Witnesses:
    """The logs that lie in a home: the printers' and the simulated centre's."""
    prints, calls = home / "cards" / "prints.jsonl", home / "centre" / "calls.jsonl"
    return Witnesses(
        prints=read_log(prints) if prints.exists() else None,
        calls=[call for call in read_log(calls) if "started_at" in call and "method" in call]
        if calls.exists()
        else None,
    )
