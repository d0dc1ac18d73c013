"""An office whose database was restored: what its people and stations do about it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

DEVICE = {"by": "device"}


class Recovering:
    """The scheduler under test (`office`, whose own acts are ours too), and the acts of a recovery."""

    def __init__(self, office: Any) -> None:
        self.office = office

    def __getattr__(self, name: str) -> Any:
        return getattr(self.office, name)

    async def begin(self, *scopes: str) -> httpx2.Response:
        said = {"office": "21.02", "reason": "cadangan pukul 14:50 dipulihkan"}
        answer: httpx2.Response = await self.office.post("recover", *scopes, **said)
        return answer

    async def finish(self) -> httpx2.Response:
        answer: httpx2.Response = await self.office.post("recover/finish", office="21.02")
        return answer

    async def standing(self) -> dict[str, Any]:
        (found,) = await self.office.get("recover")
        return dict(found)

    def entry(self, job: dict[str, Any] | None = None, **values: Any) -> dict[str, Any]:
        """A card as its station's journal has it: by default sent and printed, by the device's word."""
        now, new = self.office.clock.now(), self.office.ids.new
        known: dict[str, Any] = {name: str(new()) for name in ("attempt_id", "application_id", "approval_id")}
        known |= {"receipt_number": "2102-AAAA-BBBB-C", "fence": 900}
        if job is not None:
            known |= {name: job[name] for name in known}
        known |= {"nonce": str(new()), "run": 1, "intended_at": (now - timedelta(minutes=3)).isoformat()}
        known |= {"outcome": "printed", "outcome_at": now.isoformat(), "evidence": DEVICE}
        return known | values

    async def tell_journal(
        self,
        *entries: dict[str, Any],
        station: str = "2102-1",
        run: int = 1,
        last: bool = True,
        epoch: int | None = None,
    ) -> httpx2.Response:
        wanted = (await self.standing())["epoch"] if epoch is None else epoch
        answer: httpx2.Response = await self.office.client.post(
            f"/v1/stations/{station}/journal",
            json={"epoch": wanted, "run": run, "entries": list(entries), "last": last},
            headers=self.office.token("station", station=station),
        )
        return answer

    async def recovered(self, *entries: dict[str, Any]) -> dict[str, int]:
        """A whole recovery with what one station tells; what came of it."""
        await self.begin()
        assert (await self.tell_journal(*entries)).status_code == 200
        assert (await self.finish()).status_code == 200
        result: dict[str, int] = (await self.standing())["result"]
        return {name: n for name, n in result.items() if n}

    async def attempt(self, key: Any) -> dict[str, Any]:
        return dict(await self.office.row("attempt", UUID(str(key))))

    async def incidents(self) -> list[str]:
        return [row["kind"] for row in await self.office.get("incidents")]


@pytest.fixture
def bare(office: Any) -> Recovering:
    return Recovering(office)


@pytest.fixture
async def ready(bare: Recovering) -> Recovering:
    """With an open centre, a running station and its ten blanks."""
    await bare.open_centre()
    await bare.enrol()
    return bare
