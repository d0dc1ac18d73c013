"""An override tried first: what it would change, by the calendars and the account as they stand. Nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass

from backbone.calendar import Calendar, Override
from datacenter_gateway.domain.preview import Effect, Yield, effect, stronger, yield_of
from datacenter_gateway.store import accounts, calendars, requests
from datacenter_gateway.use_cases.calendars import Wish, standing, wanted
from datacenter_gateway.use_cases.desk import Desk


@dataclass(frozen=True, kw_only=True)
class Preview:
    """`follows`: whether the account obeys it (the centre's calendar only). `waiting` go back if it shuts, `calling` finish."""

    override: Override
    same: Override | None
    calendar: Calendar
    effect: Effect
    stronger: Sequence[Override]
    follows: bool
    yields: Yield | None
    waiting: int
    calling: int


async def preview(desk: Desk, name: str, wish: Wish) -> Preview:
    """What `calendars.set_override` would do with the same words; raises the same."""
    one = wanted(desk, wish)
    now = desk.clock.now()
    async with desk.database.reading() as reader:
        known = (await calendars.in_force(reader))[name]
        account = await accounts.read(reader, desk.terms.account)
        queue = await requests.view(reader)
    follows = name == "centre" and one.covers(account.prefix)
    seen = known.for_office(account.prefix if follows else one.prefix)
    yields = yield_of(account, desk.terms.calls_in_flight) if follows else None
    return Preview(
        override=one,
        same=standing(known.overrides, one, now),
        calendar=seen,
        effect=effect(seen, one, now, yields),
        stronger=stronger(known, one),
        follows=follows,
        yields=yields,
        waiting=queue["depth"],
        calling=queue["in_flight"],
    )
