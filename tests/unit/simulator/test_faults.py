"""Faults on order: who meets them, how often, and how the call log calls them."""

import pytest

from simulator.domain.faults import Fault, Order, Orders

NIK = "2102034501909001"
OTHER = "2102034501909002"


def ordered(*orders: Order) -> Orders:
    found = Orders()
    for order in orders:
        found.add(order)
    return found


def test_an_order_is_met_so_many_times() -> None:
    orders = ordered(Order(fault=Fault(kind="html"), calls=2))

    assert [orders.take("CALL_NIK", NIK) for _ in range(3)] == [Fault(kind="html"), Fault(kind="html"), None]


def test_an_order_for_a_method_waits_for_it() -> None:
    orders = ordered(Order(fault=Fault(), method="CALL_NIK"))

    assert orders.take("CALL_VERIFY_BY_ELEMEN", NIK) is None
    assert orders.take("CALL_NIK", NIK) == Fault()


def test_an_order_for_a_nik_waits_for_it() -> None:
    orders = ordered(Order(fault=Fault(), nik=NIK))

    assert orders.take("CALL_NIK", OTHER) is None
    assert orders.take("CALL_NIK", NIK) == Fault()


def test_the_oldest_order_that_fits_comes_first() -> None:
    orders = ordered(
        Order(fault=Fault(kind="html"), nik=OTHER), Order(fault=Fault(kind="reset")), Order(fault=Fault())
    )

    assert orders.take("CALL_NIK", NIK) == Fault(kind="reset")
    assert orders.take("CALL_NIK", OTHER) == Fault(kind="html")


def test_cleared_orders_are_met_by_nobody() -> None:
    orders = ordered(Order(fault=Fault()))
    orders.clear()

    assert orders.take("CALL_NIK", NIK) is None


@pytest.mark.parametrize(
    ("fault", "name"), [(Fault(status=502), "fault:502"), (Fault(kind="wrong_json"), "fault:wrong_json")]
)
def test_a_fault_has_a_name(fault: Fault, name: str) -> None:
    assert fault.name == name
