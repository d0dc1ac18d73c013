"""The calls: requests in their order, each call by its own permit, the second only where the first matched."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from backbone import failpoints
from backbone.contracts.gateway import VerificationAnswered
from backbone.contracts.station import VerifiedRecord
from backbone.database import INFRASTRUCTURE
from backbone.seal import NotOurs
from datacenter_gateway.centre import BadCredentials, CentreClosed, CentreDown, QuotaUsedUp, Unreadable
from datacenter_gateway.domain import account as accounts_domain
from datacenter_gateway.domain.account import Account
from datacenter_gateway.domain.permit import Denial, explain
from datacenter_gateway.domain.record import Found, Refusal
from datacenter_gateway.domain.verdict import Verdict, judge_match, judge_refusal, judge_status
from datacenter_gateway.store import accounts, requests
from datacenter_gateway.use_cases import window
from datacenter_gateway.use_cases.desk import Desk, open_person
from datacenter_gateway.use_cases.requests import answered
from datacenter_gateway.use_cases.started import GivenBack, Started

log = structlog.get_logger()

MANY = 3
"""So many unreadable replies about one record, and an officer looks at it."""


class Calls:
    """One gateway's calls in flight. `run_once` starts what may start and returns when to look again."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._account = desk.terms.account
        self._workers: dict[asyncio.Task[None], UUID] = {}
        self._second_waits = 0
        self._not_before: datetime | None = None
        self._others = True

    async def run_once(self) -> datetime | None:
        self._raise_failures()
        if self._not_before is not None and self._desk.clock.now() < self._not_before:
            # Our own last start forbids another by the rate: the database would only say the same.
            return self._not_before
        while len(self._workers) < self._desk.terms.calls_in_flight and not self._second_waits:
            claim = self._desk.ids.new()
            async with self._desk.database.reading() as reader:
                row = await accounts.start_first(reader, self._account, claim, self._desk.terms.lease)
            if row is None:
                return await self._denied()
            failpoints.hit("gateway.permit")
            self._keep_pace()
            started = Started(**dict(row))
            self._others = started.others
            self._spawn(started)
            if not started.others:
                # The next request rings the bell: to look again before it is there would find nothing.
                return None
        self._others = True
        return None

    def _keep_pace(self) -> None:
        if self._desk.terms.calls_per_hour is not None:
            gap = timedelta(hours=1 / self._desk.terms.calls_per_hour)
            self._not_before = self._desk.clock.now() + gap

    async def stop(self) -> None:
        """End the calls in flight (no answer = not asked) and let others take their requests at once."""
        workers = dict(self._workers)
        for task in workers:
            task.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        if workers:
            with suppress(*INFRASTRUCTURE):
                async with self._desk.database.transaction() as tx:
                    await tx.execute(requests.UNCLAIM, list(workers.values()))

    def _raise_failures(self) -> None:
        for task in [task for task in self._workers if task.done()]:
            del self._workers[task]
            if not task.cancelled():
                task.result()

    def _spawn(self, started: Started) -> None:
        # The token is taken before the spawner can give its own back: the clock must not jump in between.
        token = self._desk.clock.at_work()
        token.__enter__()
        task = asyncio.create_task(self._serve(started))
        self._workers[task] = started.claim

        def ended(task: asyncio.Task[None]) -> None:
            if self._others or task.cancelled() or task.exception() is not None:
                self._desk.calls_bell.ring()
            token.__exit__(None, None, None)

        task.add_done_callback(ended)

    async def _denied(self) -> datetime | None:
        denial, freed_in = await self._look(calls=2)
        if denial.reason == "nothing_waits":
            return None if freed_in is None else self._desk.clock.now() + freed_in
        if denial.again is None:
            await window.act(self._desk, _end_of(denial))
            return self._desk.clock.now() + timedelta(seconds=1)
        return self._desk.clock.now() + denial.again

    async def _look(self, calls: int, claim: UUID | None = None) -> tuple[Denial, timedelta | None]:
        async with self._desk.database.reading() as reader:
            look, freed_in = await accounts.look(reader, self._account, claim)
        return explain(look, calls), freed_in

    async def _serve(self, started: Started) -> None:
        """One request, whatever comes; a database that is lost leaves it to be freed by its `due_at`."""
        try:
            await self._ask(started)
        except GivenBack:
            log.info("request_given_back", application=str(started.application_id))
        except INFRASTRUCTURE as error:
            self._others = True
            log.warning("call_lost", application=str(started.application_id), error=type(error).__name__)

    async def _ask(self, started: Started) -> None:
        try:
            await self._converse(started)
        except Unreadable as error:
            await self._unreadable(started, error)
        except CentreDown as error:
            await self._failed(started, error)
        except BadCredentials as error:
            await self._refused(started, error.cause)
        except QuotaUsedUp:
            await self._act(accounts_domain.quota_used_up, started)
        except NotOurs:
            log.exception("sealed_for_another", application=str(started.application_id))
            await self._act(window.leave, started)

    async def _converse(self, started: Started) -> None:
        desk = self._desk
        person = open_person(desk, started.application_id, started.sealed)
        began = desk.clock.now()
        reply, quota_left = await desk.centre.match(person)
        await self._heard(started, quota_left)
        verdict = judge_refusal(reply.code) if isinstance(reply, Refusal) else judge_match(reply.elements)
        if verdict is not None:
            await self._answer(started, verdict, None, began)
            return
        second = await self._start_second(started)
        began = desk.clock.now()
        found, quota_left = await desk.centre.record(person.nik)
        await self._heard(second, quota_left)
        if isinstance(found, Refusal):
            await self._answer(second, judge_refusal(found.code), None, began)
        else:
            await self._answer(second, judge_status(found.status, started.reason), found, began)

    async def _heard(self, started: Started, quota_left: int | None) -> None:
        """A readable answer: the centre is there; and it may have said what is left of the quota."""
        if started.probation:
            await window.act(self._desk, lambda account, now: accounts_domain.proved(account))
        if quota_left is not None and (started.quota_left is None or quota_left < started.quota_left):
            async with self._desk.database.reading() as reader:
                await reader.fetch(requests.LIMIT_QUOTA, self._account, quota_left)

    async def _start_second(self, first: Started) -> Started:
        """The second call's own permit, waited for as long as the rate alone forbids it."""
        self._second_waits += 1
        try:
            if self._not_before is not None:
                await self._desk.clock.sleep_until(self._not_before)
            while True:
                async with self._desk.database.reading() as reader:
                    row = await accounts.start_second(
                        reader, self._account, first.claim, self._desk.terms.lease, first.application_id
                    )
                if row is not None:
                    failpoints.hit("gateway.permit")
                    self._keep_pace()
                    return Started(**dict(row))
                await self._wait_for_second(first)
        finally:
            self._second_waits -= 1
            if self._others:
                self._desk.calls_bell.ring()

    async def _wait_for_second(self, first: Started) -> None:
        denial, _ = await self._look(calls=1, claim=first.claim)
        if denial.reason == "nothing_waits":
            raise GivenBack
        if denial.again is None:
            await self._act(_end_of(denial), first)
            raise GivenBack
        await self._desk.clock.sleep(denial.again.total_seconds())

    async def _answer(self, started: Started, verdict: Verdict, found: Found | None, began: datetime) -> None:
        """One transaction: the answer, the approval with its record sealed, the request gone, the message owed."""
        now = self._desk.clock.now()
        seconds = (now - began).total_seconds()
        at = started.at + (now - began)
        approval_id = until = record = None
        if verdict.outcome == "approved" and found is not None:
            approval_id, until = self._desk.ids.new(), at + timedelta(hours=started.approval_hours)
            record = self._sealed(started, found, approval_id, until)
        async with self._desk.database.transaction() as tx:
            closed = await requests.answer(
                tx,
                application_id=started.application_id,
                claim=started.claim,
                outcome=verdict.outcome,
                code=verdict.code,
                elements=verdict.elements,
                at=at,
                approval_id=approval_id,
                approved_until=until,
                record=record,
                seconds=seconds,
            )
            if closed is None:
                raise GivenBack
            if not closed["fresh"]:
                tx.owe(answered(await requests.first_answer(tx, started.application_id)))
                return
            tx.owe(
                VerificationAnswered(
                    application_id=started.application_id,
                    round=closed["round"],
                    outcome=verdict.outcome,
                    code=verdict.code,
                    elements=verdict.elements,
                    approval_id=approval_id,
                    approved_until=until,
                    at=at,
                )
            )
            failpoints.hit("gateway.answered")

    def _sealed(self, started: Started, found: Found, approval_id: UUID, until: datetime) -> bytes:
        record = VerifiedRecord(
            approval_id=approval_id,
            application_id=started.application_id,
            approved_until=until,
            **found.record,
        )
        return self._desk.vault.seal(
            record.model_dump_json().encode(), bound_to=f"approval|{approval_id}|{started.application_id}"
        )

    async def _act(self, change: window.Act, started: Started) -> None:
        await window.act(self._desk, change, claim=started.claim)

    async def _failed(self, started: Started, error: CentreDown) -> None:
        retry_after = error.retry_after if isinstance(error, CentreClosed) else None

        def change(account: Account, now: datetime) -> Account:
            return accounts_domain.failed(account, error.cause, started.at, now, retry_after)

        await self._act(change, started)

    async def _refused(self, started: Started, cause: str) -> None:
        log.error("centre_refuses_us", account=self._account, cause=cause)
        await self._act(lambda account, now: accounts_domain.credentials_refused(account, cause), started)

    async def _unreadable(self, started: Started, error: Unreadable) -> None:
        """The centre's fault, unless it is always this record: then an officer must look at it."""
        async with self._desk.database.transaction() as tx:
            times = await tx.fetchval(requests.UNREADABLE, started.application_id)
        log.warning("reply_unreadable", application=str(started.application_id), what=error.what, times=times)
        if times >= MANY:
            verdict = Verdict(outcome="in_review", code="unreadable")
            await self._answer(started, verdict, None, self._desk.clock.now())
        else:
            await self._failed(started, error)


def _end_of(denial: Denial) -> window.Act:
    """What a permit that no waiting brings makes of the account."""
    if denial.reason == "quota":
        return accounts_domain.quota_used_up
    if denial.reason == "closing":
        return lambda account, now: accounts_domain.closing(account)
    return window.leave
