"""The control API: tests and demos make the centre behave. It is no part of the protocol and off by default."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Depends, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from backbone.calendar import Calendar
from simulator.centre import Centre
from simulator.domain.account import Credentials, Rate
from simulator.domain.faults import Fault, Order, Outage
from simulator.domain.inventing import invent
from simulator.domain.person import Person, Refusal, Sex
from simulator.domain.window import OtherHours, window

router = APIRouter(prefix="/_control", tags=["control"])


def centre_of(request: Request) -> Centre:
    centre: Centre = request.app.state.centre
    return centre


CentreDep = Annotated[Centre, Depends(centre_of)]
Nik = Annotated[str, Field(pattern=r"^[0-9]{16}$")]


class Strict(BaseModel):
    """A misspelt field is an error, in nested values too."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class NewPerson(Strict):
    """Only the NIK is needed: what else the record holds is drawn from it."""

    nik: Nik
    full_name: str | None = None
    birth_date: date | None = None
    sex: Sex | None = None
    district_code: str | None = Field(default=None, pattern=r"^[0-9]{2}\.[0-9]{2}\.[0-9]{2}$")
    first_issue: bool = False
    ektp_status: str | None = None
    refusal: Refusal | None = None
    mismatches: frozenset[str] = frozenset()
    photo: bool = True
    loose: bool = False

    @model_validator(mode="after")
    def may_exist(self) -> Self:
        self.person()
        return self

    def person(self) -> Person:
        who = invent(
            self.nik,
            full_name=self.full_name,
            birth_date=self.birth_date,
            sex=self.sex,
            district_code=self.district_code,
            first_issue=self.first_issue,
        )
        return replace(
            who,
            ektp_status=self.ektp_status or who.ektp_status,
            refusal=self.refusal,
            mismatches=self.mismatches,
            photo=self.photo,
            loose=self.loose,
        )


class Period(Strict):
    from_: AwareDatetime = Field(alias="from")
    until: AwareDatetime


class NewOutage(Period):
    fault: Fault = Fault()


class NewHours(Period):
    hours: str


class Window(Strict):
    """Hours in Asia/Jakarta, Monday first; of overlapping overrides the last one counts."""

    weekly: tuple[str, ...]
    overrides: tuple[NewHours, ...] = ()
    retry_after: int | None = None

    @model_validator(mode="after")
    def may_be(self) -> Self:
        self.calendar()
        return self

    def calendar(self) -> Calendar:
        others = (OtherHours(from_=one.from_, until=one.until, hours=one.hours) for one in self.overrides)
        return window(self.weekly, others)


class NewFault(Strict):
    """The next `calls` calls, of a method or for a NIK where given, meet the fault."""

    fault: Fault
    calls: int = Field(default=1, ge=1)
    method: Literal["CALL_VERIFY_BY_ELEMEN", "CALL_NIK"] | None = None
    nik: Nik | None = None


class NewCredentials(Strict):
    user_id: str
    password: str = Field(repr=False)
    ip_user: str


class Quota(Strict):
    daily: int | None = Field(ge=0)


class NewRate(Strict):
    per_hour: float | None = Field(gt=0)
    enforced: bool = False


@router.post("/people", status_code=204)
async def add_people(centre: CentreDep, people: list[NewPerson]) -> None:
    centre.population.add(*(one.person() for one in people))


@router.post("/outages", status_code=204)
async def add_outages(centre: CentreDep, outages: list[NewOutage]) -> None:
    centre.outages.extend(Outage(from_=one.from_, until=one.until, fault=one.fault) for one in outages)


@router.post("/faults", status_code=204)
async def order_faults(centre: CentreDep, faults: list[NewFault]) -> None:
    for one in faults:
        centre.orders.add(Order(fault=one.fault, calls=one.calls, method=one.method, nik=one.nik))


@router.post("/heal", status_code=204)
async def heal(centre: CentreDep) -> None:
    """Forget all outages and the faults not yet met."""
    centre.heal()


@router.put("/window", status_code=204)
async def put_window(centre: CentreDep, hours: Window) -> None:
    centre.calendar = hours.calendar()
    centre.retry_after = hours.retry_after


@router.put("/credentials", status_code=204)
async def put_credentials(centre: CentreDep, given: NewCredentials) -> None:
    centre.account.credentials = Credentials(
        user_id=given.user_id, password=given.password, ip_user=given.ip_user
    )


@router.put("/quota", status_code=204)
async def put_quota(centre: CentreDep, quota: Quota) -> None:
    """Calls of today stay counted."""
    centre.account.daily_quota = quota.daily


@router.put("/rate", status_code=204)
async def put_rate(centre: CentreDep, rate: NewRate) -> None:
    centre.account.rate = Rate(per_hour=rate.per_hour, enforced=rate.enforced)


@router.get("/calls")
async def get_calls(centre: CentreDep, after: int = 0) -> dict[str, Any]:
    """The calls with a greater `seq`, and the most calls that any one hour saw."""
    return {
        "calls": [call.to_json() for call in centre.calls.since(after)],
        "busiest_hour": centre.account.busiest_hour,
    }
