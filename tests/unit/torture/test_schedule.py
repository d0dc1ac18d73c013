"""The same seed gives the same faults; all are within bounds."""

import pytest
from tests.torture.schedule import FEWEST, LASTING, LOAD, MOST, WEIGHTS, Fault, Targets, broker_loses, draw

TARGETS = Targets(
    processes=("intake", "scheduler", "station-1"),
    links=("broker", "centre"),
    queues=("intake", "scheduler", "gateway"),
    roles=("intake", "gateway"),
    failpoints=[("scheduler.arm", "scheduler")],
)
SEEDS = range(1, 300)


def test_the_same_seed_gives_the_same_faults() -> None:
    assert draw(17, TARGETS, pause=5) == draw(17, TARGETS, pause=5)


def test_another_seed_gives_others() -> None:
    assert len({tuple(draw(seed, TARGETS, pause=5)) for seed in SEEDS}) == len(SEEDS)


def test_each_schedule_has_three_to_six_faults_in_the_order_of_their_beginning() -> None:
    for seed in SEEDS:
        faults = draw(seed, TARGETS, pause=5)
        assert FEWEST <= len(faults) <= MOST
        assert [fault.at for fault in faults] == sorted(fault.at for fault in faults)
        assert all(0 < fault.at <= LOAD for fault in faults)


def test_every_kind_of_fault_comes_up() -> None:
    assert {fault.kind for seed in SEEDS for fault in draw(seed, TARGETS, pause=5)} == set(WEIGHTS)


def test_a_pause_lasts_as_long_as_it_is_told_to() -> None:
    pauses = {
        fault.seconds for seed in SEEDS for fault in draw(seed, TARGETS, pause=30) if fault.kind == "pause"
    }

    assert pauses == {30}


@pytest.mark.parametrize("kind", sorted(LASTING))
def test_a_lasting_fault_keeps_to_its_bounds(kind: str) -> None:
    least, most = LASTING[kind]
    for seed in SEEDS:
        for fault in draw(seed, TARGETS, pause=5):
            assert fault.kind != kind or least <= fault.seconds <= most


def test_a_failpoint_names_its_process() -> None:
    found = {
        fault.target for seed in SEEDS for fault in draw(seed, TARGETS, pause=5) if fault.kind == "failpoint"
    }

    assert found == {"scheduler.arm@scheduler"}


def test_a_fault_is_told_in_one_line() -> None:
    assert (
        Fault(at=3.25, kind="kill", target="intake", seconds=1).line()
        == "+ 3.2 s  kill             intake for 1.0 s"
    )
    assert Fault(at=3.25, kind="cut", target="broker").line() == "+ 3.2 s  cut              broker"


def test_only_a_broker_that_loses_its_queues_loses_what_it_confirmed() -> None:
    kept = [Fault(at=1, kind="broker_kill", target="broker"), Fault(at=1, kind="kill", target="intake")]

    assert not broker_loses(kept)
    assert broker_loses([*kept, Fault(at=1, kind="vhost_wiped", target="vhost")])
