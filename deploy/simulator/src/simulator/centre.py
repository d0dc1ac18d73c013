"""The centre itself: judges each call as it begins, takes its time on the clock, then answers.

Tests and demos in the same process reach it as `app.state.centre`, with the same powers as the control API.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime

from backbone.calendar import Calendar, is_open, opens_at
from backbone.clock import Clock
from simulator import pictures
from simulator.call_log import CallLog
from simulator.domain import replies
from simulator.domain.account import QUOTA_USED_UP, Account, Credentials
from simulator.domain.asking import Asking, NotTheProtocol, VerifyAsking, read_asking
from simulator.domain.draw import draw
from simulator.domain.faults import Fault, Orders, Outage
from simulator.domain.matching import match
from simulator.domain.person import Person, Refusal
from simulator.domain.records import as_sent
from simulator.domain.replies import Reply
from simulator.population import Population


@dataclass(frozen=True, kw_only=True)
class Latency:
    """Seconds of a call, drawn from the seed, the NIK and the method: mostly near `low`, now and then near `high`."""

    low: float
    high: float
    seed: int

    def of(self, method: str, nik: str) -> float:
        return self.low + (self.high - self.low) * draw(self.seed, method, nik) ** 3


class Centre:
    """Mutable: whoever holds it changes its people, hours, account and faults while it runs."""

    def __init__(
        self,
        *,
        clock: Clock,
        population: Population,
        calendar: Calendar,
        account: Account,
        latency: Latency,
        calls: CallLog,
    ) -> None:
        self.clock = clock
        self.population = population
        self.calendar = calendar
        self.retry_after: int | None = None
        self.account = account
        self.latency = latency
        self.calls = calls
        self.outages: list[Outage] = []
        self.orders = Orders()

    async def answer(self, institution: str, method: str, body: bytes) -> Reply:
        """One call, from its first line in the log to its reply. What it is answered is settled as it begins."""
        now = self.clock.now()
        asking, reply = self._settle(method, body, now)
        call = self.calls.start(
            started_at=now,
            method=method,
            nik=asking.NIK if asking else None,
            institution=institution,
            user=asking.USER_ID if asking else "",
        )
        await self.calls.on_disk()
        await self._take_time(method, asking, reply)
        self.calls.end(call, ended_at=self.clock.now(), answered=reply.answered)
        return reply

    def heal(self) -> None:
        """No outage and no ordered fault any more."""
        self.outages.clear()
        self.orders.clear()

    def _settle(self, method: str, body: bytes, now: datetime) -> tuple[Asking | None, Reply]:
        try:
            asking = read_asking(method, body)
        except NotTheProtocol as error:
            return None, replies.failure("invalid", error.status, str(error))
        return asking, self._judge(method, asking, now)

    async def _take_time(self, method: str, asking: Asking | None, reply: Reply) -> None:
        usual = 0.0 if asking is None or reply.answered == "closed" else self.latency.of(method, asking.NIK)
        if usual + reply.seconds > 0:
            await self.clock.sleep(usual + reply.seconds)

    def _judge(self, method: str, asking: Asking, now: datetime) -> Reply:
        fault = self.orders.take(method, asking.NIK) or self._outage(now)
        truth = self._truth(asking, now)
        return truth if fault is None else self._wrong(fault, asking, truth, now)

    def _truth(self, asking: Asking, now: datetime) -> Reply:
        """The answer where nothing goes wrong. The order of the checks is that of a building: door, desk, counter."""
        if not is_open(self.calendar, now):
            return replies.failure("closed", 503, "Layanan tutup", retry_after=self._reopens_in(now))
        given = Credentials(user_id=asking.USER_ID, password=asking.PASSWORD, ip_user=asking.IP_USER)
        if (text := self.account.refusal_of(given)) is not None:
            return replies.refusal(Refusal(text=text), None, answered="credentials")
        self.account.count(now)
        left = self.account.left(now)
        if self.account.over_quota(now):
            return replies.refusal(Refusal(text=QUOTA_USED_UP), left, answered="quota")
        if self.account.over_rate():
            return replies.failure("rate", 429, "Terlalu banyak permintaan")
        return self._about(asking.NIK, asking, left)

    def _about(self, nik: str, asking: Asking, left: int | None) -> Reply:
        refusal, person = self._find(nik)
        if person is None:
            return replies.refusal(refusal, left)
        if isinstance(asking, VerifyAsking):
            return replies.content(dict(match(asking, person)), "ok", left)
        drawn = {"FOTO": pictures.photo(person), "TTD": pictures.signature(person)} if person.photo else {}
        return replies.content({**as_sent(person), **drawn}, "ok", left)

    def _find(self, nik: str) -> tuple[Refusal, Person | None]:
        if len(nik) != 16 or not (nik.isascii() and nik.isdigit()):
            return Refusal(code="15"), None
        person = self.population.find(nik)
        if person is None:
            return Refusal(code="13"), None
        return (Refusal(), person) if person.refusal is None else (person.refusal, None)

    def _wrong(self, fault: Fault, asking: Asking, truth: Reply, now: datetime) -> Reply:
        left = self.account.left(now)
        if fault.kind == "slow":
            return replace(truth, seconds=fault.seconds)
        if fault.kind == "refusal":
            return replies.refusal(fault.refusal, left)
        if fault.kind == "other_nik":
            other = self.population.other_than(asking.NIK)
            nik = fault.nik or (other.nik if other else asking.NIK)
            return replace(self._about(nik, asking, left), answered=fault.name)
        return replies.broken(fault, truth)

    def _outage(self, now: datetime) -> Fault | None:
        return next((one.fault for one in self.outages if one.from_ <= now < one.until), None)

    def _reopens_in(self, now: datetime) -> int:
        """Retry-After: the seconds until the next opening, an hour where none is in sight, or what was set."""
        if self.retry_after is not None:
            return self.retry_after
        opening = opens_at(self.calendar, now)
        return 3600 if opening is None else math.ceil((opening - now).total_seconds())
