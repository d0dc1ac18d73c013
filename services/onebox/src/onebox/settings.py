"""The one-box deployment: its home folder, its office, its stations, its centre. From `CETAK_...` and `cetak.json`."""

import json
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Environment(BaseSettings):
    """What the environment says."""

    model_config = SettingsConfigDict(env_prefix="CETAK_", frozen=True)

    home: Path = Path("var")
    database_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 8021
    log_level: str = "INFO"
    failpoint: str = ""
    chaos: int | None = None
    """A seed for the embedded broker's chaos mode: messages come twice, late and out of order."""
    token: str | None = None
    """The token the command line uses, by default a supervisor's; a station's own process bears it in its calls."""
    broker_url: SecretStr | None = None
    """RabbitMQ, for a service in a process of its own: `amqp://user:password@host:port/vhost`, amqps with TLS."""
    broker_ca_file: Path | None = None
    scheduler_url: str = "http://127.0.0.1:8021"
    """Where a station finds the scheduler, without the service's path; the gateway likewise."""
    gateway_url: str = "http://127.0.0.1:8021"
    centre_url: str | None = None
    """Where the gateway finds the centre; by default as `cetak.json` says."""


class StationConfig(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str
    driver: Literal["folder", "null", "ipp"] = "folder"
    """`null` keeps no card, only the log of sends: for benches and simulations. `ipp` prints at `printer_uri`."""
    printer_uri: str | None = Field(default=None, pattern=r"^ipps?://[^/]+/")
    """An IPP Everywhere printer (`ipp://host/ipp/print`) or a queue of CUPS (`ipp://host/printers/name`)."""
    evidence: Literal["device", "spooler"] | None = None
    """Whose word the printer's "completed" is, where it is not what the printer itself lets believe."""
    printer_limit: float = 240
    """Seconds a card may take at an `ipp` printer before it is cancelled and a person is asked."""
    seconds_per_card: float = 0
    heartbeat: float = 20

    @model_validator(mode="after")
    def _has_its_printer(self) -> Self:
        if (self.driver == "ipp") != (self.printer_uri is not None):
            raise ValueError("printer_uri belongs to the driver ipp, and only to it")
        return self


class CentreConfig(BaseModel):
    """The national data centre. Without a URL its simulator plays it, visibly."""

    model_config = ConfigDict(frozen=True)

    url: str | None = None
    institution: str = "karimun"
    user_id: str = "cetak"
    password: str = "rahasia-simulasi"  # noqa: S105  # the simulator's, known to all
    ip_user: str = "127.0.0.1"
    ca_file: str | None = None
    calls_per_hour: float | None = None
    quota: int | None = None


class Deployment(BaseModel):
    """What `cetak init` writes to `cetak.json`: one office and all it needs."""

    model_config = ConfigDict(frozen=True)

    office: str = Field(default="21.02", pattern=r"^\d\d(\.\d\d)?$")
    tz: str = "Asia/Jakarta"
    stations: tuple[StationConfig, ...] = (StationConfig(id="2102-1"), StationConfig(id="2102-2"))
    centre: CentreConfig = CentreConfig()
    print_after_close: bool = True
    scheduler: dict[str, Any] = Field(default_factory=dict)
    """The scheduler's settings that differ from its defaults."""
    hours: dict[str, Any] = Field(default_factory=dict)
    """Weekly hours by calendar (`counter`, `printing`, `centre`), Monday first, as the gateway's settings take them."""


def read(home: Path) -> Deployment | None:
    """The deployment of a home folder; None before `init`."""
    path = home / "cetak.json"
    return Deployment.model_validate(json.loads(path.read_text())) if path.exists() else None


def write(home: Path, deployment: Deployment) -> None:
    home.mkdir(parents=True, exist_ok=True)
    (home / "cetak.json").write_text(deployment.model_dump_json(indent=1) + "\n")
