"""One application from received to printed, and what must not happen on the way."""

from datetime import timedelta
from typing import Any

from backbone.contracts.intake import WithdrawalRequested
from backbone.contracts.scheduler import (
    ApplicationRanked,
    ApplicationStatus,
    ApprovalSpent,
    VerificationRequested,
)


async def test_an_application_goes_from_received_to_printed_with_its_blank_accounted_for(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job = await office.reserved()
    nonce = office.ids.new()

    armed = await office.arm(job, nonce)
    reported = await office.report(job, nonce, "printed")
    await office.relay.run_once()

    assert armed.status_code == 200
    assert reported.json()["state"] == "printed"
    states = [m.state for m in office.intake.of(ApplicationStatus)]
    assert states == ["waiting", "verifying", "approved", "printing", "printed"]
    assert [m.seq for m in office.intake.of(ApplicationStatus)] == [1, 2, 3, 4, 5]
    assert office.intake.of(ApplicationRanked)[0].place == 1
    assert office.gateway.of(ApprovalSpent)[0].cause == "printed"
    assert await office.blanks() == {"received": 10, "on_hand": 9, "printed": 1}


async def test_the_same_application_told_twice_is_one_row_and_told_its_status_again(office: Any) -> None:
    message = office.received()

    await office.tell(message, message)
    await office.tell(message)
    await office.relay.run_once()

    assert await office.value("SELECT count(*) FROM application") == 1
    assert [m.cause for m in office.intake.of(ApplicationStatus)] == ["received", "known"]


async def test_arming_twice_with_one_nonce_is_one_arming_and_another_nonce_is_refused(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job = await office.reserved()
    nonce = office.ids.new()

    first = await office.arm(job, nonce)
    again = await office.arm(job, nonce)
    other = await office.arm(job, office.ids.new())

    assert first.json()["armed_at"] == again.json()["armed_at"]
    assert (other.status_code, other.json()["veto"]) == (409, "attempt")


async def test_a_paused_station_gives_back_what_it_reserved_and_cannot_arm_it(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job = await office.reserved()

    paused = await office.client.post(
        "/v1/stations/2102-1/pause",
        json={"reason": "printer terlalu panas"},
        headers=office.token("operator"),
    )
    refused = await office.arm(job, office.ids.new())

    assert paused.json()["state"] == "paused"
    assert (refused.status_code, refused.json()["veto"]) == (409, "attempt")
    assert (await office.row("application", job["application_id"]))["state"] == "approved"
    assert await office.blanks() == {"received": 10, "on_hand": 10}


async def test_an_expired_approval_vetoes_arming_and_the_sweep_puts_the_card_back(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job = await office.reserved()
    await _execute(office, "UPDATE application SET approved_until = backbone.now() - interval '1 s'")

    refused = await office.arm(job, office.ids.new())
    from scheduler.use_cases.sweep import sweep_once

    await sweep_once(office.desk)

    assert refused.json()["veto"] == "approval"
    row = await office.row("application", job["application_id"])
    assert (row["state"], row["approval_id"]) == ("waiting", None)


async def test_a_withdrawal_frees_a_reserved_card_and_comes_too_late_for_an_armed_one(office: Any) -> None:
    await office.open_centre()
    await office.enrol()
    job = await office.reserved()
    await office.tell(_withdrawal(office, job["application_id"]))
    armed_job = await office.reserved()
    await office.arm(armed_job, office.ids.new())

    await office.tell(_withdrawal(office, armed_job["application_id"]))

    assert (await office.row("application", job["application_id"]))["state"] == "withdrawn"
    assert (await office.row("application", armed_job["application_id"]))["state"] == "printing"
    assert await office.value("SELECT count(*) FROM event WHERE cause = 'withdraw_too_late'") == 1


async def test_a_withdrawal_that_overtakes_its_application_waits_for_it(office: Any) -> None:
    message = office.received()

    await office.tell(_withdrawal(office, message.application_id))
    await office.tell(message)

    assert (await office.row("application", message.application_id))["state"] == "withdrawn"


async def test_no_more_is_verified_than_there_are_blanks(office: Any) -> None:
    await office.open_centre()
    await office.enrol(blanks=3)
    await office.tell(*(office.received(ago=timedelta(days=n)) for n in range(9)))

    await office.release()

    assert len(office.gateway.of(VerificationRequested)) == 3


def _withdrawal(office: Any, application_id: Any) -> WithdrawalRequested:
    return WithdrawalRequested(
        application_id=application_id, actor="loket", reason="pindah", requested_at=office.clock.now()
    )


async def _execute(office: Any, sql: str) -> None:
    async with office.database.transaction() as tx:
        await tx.execute(sql)
