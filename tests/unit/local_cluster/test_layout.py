"""Who listens where in a cluster, and what each process is told."""

from pathlib import Path
from typing import Any

from local_cluster.layout import Environment, Layout, layout


def plan(**counts: Any) -> Layout:
    return layout(9000, ("a", "b"), **{"intakes": 1, "schedulers": 1, "gateways": 1, "front": False} | counts)


def told(known: Layout, name: str, **values: Any) -> dict[str, str]:
    environment = Environment(
        home=Path("/home"),
        plan=known,
        password=lambda user: f"secret/{user}",
        database_url=values.get("database_url"),
        log_level="INFO",
        overrides=values.get("overrides", {}),
    )
    return environment.of(next(member for member in known.members if member.name == name))


def test_no_two_processes_share_a_port_nor_take_the_brokers() -> None:
    known = plan(schedulers=2, gateways=2)
    ports = [member.port for member in known.members]

    assert len(set(ports)) == len(ports)
    assert not set(ports) & {9001, 9002, 9003}


def test_replicas_are_numbered_from_the_second_on() -> None:
    assert [member.name for member in plan(schedulers=3).of("scheduler")] == [
        "scheduler",
        "scheduler-2",
        "scheduler-3",
    ]


def test_a_process_gets_the_password_of_its_own_user_only() -> None:
    said = told(plan(), "station-a")

    assert said["CETAK_BROKER_URL"] == "amqp://station.a:secret%2Fstation.a@127.0.0.1:9001/cetak"
    assert "CETAK_DATABASE_URL" not in told(plan(), "station-a", database_url="postgresql://x")


def test_a_station_calls_scheduler_and_gateway_directly() -> None:
    said, known = told(plan(), "station-b"), plan()

    assert said["CETAK_SCHEDULER_URL"] == known.of("scheduler")[0].url
    assert said["CETAK_GATEWAY_URL"] == known.of("gateway")[0].url


def test_with_replicas_a_station_calls_the_front() -> None:
    assert told(plan(gateways=2), "station-b")["CETAK_SCHEDULER_URL"] == "http://127.0.0.1:9000"


def test_an_override_wins() -> None:
    said = told(plan(), "gateway", overrides={"gateway": {"CETAK_CENTRE_URL": "http://proxy"}})

    assert said["CETAK_CENTRE_URL"] == "http://proxy"
