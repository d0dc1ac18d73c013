"""TLS to the broker: with the authority's certificate, and with no other."""

import ssl
from collections.abc import AsyncIterator
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from backbone.clock import SystemClock
from backbone.rabbit.address import Address, BrokerLost
from backbone.rabbit.broker import RabbitBroker

NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])


def certificate(path: Path) -> Path:
    """A key and a certificate of its own for this machine, valid for a day."""
    key, now = ec.generate_private_key(ec.SECP256R1()), SystemClock().now()
    made = (
        x509.CertificateBuilder(NAME, NAME, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    kind, form = serialization.PrivateFormat.PKCS8, serialization.Encoding.PEM
    path.write_bytes(key.private_bytes(form, kind, serialization.NoEncryption()) + made.public_bytes(form))
    return path


@pytest.fixture
async def behind_tls(proxy: Any, tmp_path: Path) -> AsyncIterator[Any]:
    """The port of the node behind TLS, and the certificate it shows."""
    shown = certificate(tmp_path / "shown.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(shown)
    server = await proxy.serve(context, proxy.port + 2)
    yield proxy.port + 2, shown
    server.close()


def publisher(rig: Any, port: int, ca_file: Path | None) -> RabbitBroker:
    password = rig.node.address("intake").password
    address = Address(
        port=port, user="intake", password=password, ca_file=None if ca_file is None else str(ca_file)
    )
    return RabbitBroker(address, SystemClock())


async def test_letters_travel_over_tls(rig: Any, behind_tls: Any) -> None:
    broker = publisher(rig, *behind_tls)
    assert await broker.publish([rig.letter(1)]) == []
    await broker.close()


async def test_another_authoritys_certificate_is_refused(rig: Any, behind_tls: Any, tmp_path: Path) -> None:
    broker = publisher(rig, behind_tls[0], certificate(tmp_path / "other.pem"))
    with pytest.raises(BrokerLost):
        await broker.publish([rig.letter(1)])


async def test_nothing_is_said_in_the_clear_to_a_broker_behind_tls(rig: Any, behind_tls: Any) -> None:
    with pytest.raises(BrokerLost):
        await publisher(rig, behind_tls[0], None).publish([rig.letter(1)])
