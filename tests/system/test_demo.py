"""The story's first day, played whole: what `make demo` runs for twelve."""

import json
from pathlib import Path

from onebox.demo.play import play


async def test_the_first_day_of_the_story_keeps_every_promise(tmp_path: Path) -> None:
    told = await play(tmp_path / "demo", most_days=1)

    assert told["audit_findings"] == 0
    assert told["accepted"] == 3100
    assert (told["printed"], told["approvals_expired"]) == (300, 0)
    assert told["printed_after_centre_closed"] > 0
    (day,) = told["claim_floor_by_day"]
    assert day["claim_got"] >= day["floor"]
    assert json.loads((tmp_path / "demo" / "summary.json").read_text()) == told
    assert len(list((tmp_path / "demo" / "cards").glob("*.pdf"))) == 300
