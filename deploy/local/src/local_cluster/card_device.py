"""A card printer's mechanics for `ippeveprinter -c` and as a backend of CUPS: what its folder says, it plays.

    card_device FOLDER DOCUMENT                                  as ippeveprinter calls its command
    card_device FOLDER JOB USER TITLE COPIES OPTIONS [DOCUMENT]  as CUPS calls a backend

Each card that comes out is a line of `cards.jsonl`. While a file of these names lies in the folder: `cover-open`,
`media-empty`: it says so and waits; `hold`: it waits and says nothing; `media-jam`: the card is lost, the job fails;
`left-open`: it prints and then reports an open cover. `taken` appears with the first card's data. Only the standard library: it runs outside of the project.
"""

import json
import os
import sys
import time
from pathlib import Path

WAITS = ("cover-open", "media-empty", "hold")
SUPPLIES = "ATTR: marker-names=Pita marker-types=ribbon marker-colors=#000000 marker-levels={level}"
PATIENCE = 120
"""Seconds it waits at most: a test that died leaves no device behind."""


def main(arguments: list[str]) -> int:
    if len(arguments) < 2:
        # CUPS asks which devices there are.
        return 0
    folder, data, name = _job(arguments)
    (folder / "taken").touch()
    for cause in WAITS:
        _wait_out(folder, cause)
    if (folder / "media-jam").exists():
        _say("STATE: +media-jam")
        return 1
    line = {"job": name, "bytes": len(data), "whole": data.rstrip().endswith(b"%%EOF")}
    with (folder / "cards.jsonl").open("a") as log:
        log.write(json.dumps(line) + "\n")
    _say("STATE: -media-jam")
    _say(("STATE: +" if (folder / "left-open").exists() else "STATE: -") + "cover-open")
    _say(SUPPLIES.format(level=40))
    return 0


def _job(arguments: list[str]) -> tuple[Path, bytes, str]:
    """The folder, the card's data, the job's name."""
    folder, *rest = arguments
    if len(rest) == 1:
        name = os.environ.get("IPP_JOB_NAME", "")  # noqa: TID251  # ippeveprinter's way to say it
        return Path(folder), Path(rest[0]).read_bytes(), name
    return Path(folder), Path(rest[5]).read_bytes() if len(rest) > 5 else sys.stdin.buffer.read(), rest[2]


def _wait_out(folder: Path, cause: str) -> None:
    if not (folder / cause).exists():
        return
    if cause != "hold":
        _say(f"STATE: +{cause}")
    parent = os.getppid()
    for _ in range(PATIENCE * 20):
        if not (folder / cause).exists():
            break
        if os.getppid() != parent:
            sys.exit(1)
        time.sleep(0.05)
    else:
        sys.exit(1)
    if cause != "hold":
        _say(f"STATE: -{cause}")


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
