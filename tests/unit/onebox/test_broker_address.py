"""Where a process finds its broker, from one URL."""

from pathlib import Path

import pytest

from backbone.rabbit.address import Address
from onebox.console import Failed
from onebox.one_service import broker_address


def test_everything_is_taken_from_the_url() -> None:
    found = broker_address("amqp://station.2102-1:p%2Fw@broker:5673/province", None)

    assert found == Address(host="broker", port=5673, user="station.2102-1", password="p/w", vhost="province")


def test_port_and_vhost_have_defaults() -> None:
    found = broker_address("amqp://intake:x@broker", None)

    assert (found.port, found.vhost, found.ca_file) == (5672, "cetak", None)


def test_amqps_trusts_the_given_certificates() -> None:
    found = broker_address("amqps://intake:x@broker", Path("/ca.pem"))

    assert (found.port, found.ca_file) == (5671, "/ca.pem")


def test_amqps_without_certificates_trusts_what_this_machine_does() -> None:
    assert broker_address("amqps://intake:x@broker", None).ca_file


@pytest.mark.parametrize("url", ["http://intake:x@broker", "amqp://broker", "broker:5672", ""])
def test_anything_else_is_refused(url: str) -> None:
    with pytest.raises(Failed):
        broker_address(url, None)
