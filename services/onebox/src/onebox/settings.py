"""The one-box deployment: its home folder, its office, its stations, its centre. From `CETAK_...` and `cetak.json`."""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
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
    """The token the command line uses; by default the supervisor's that `init` made."""


class StationConfig(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str
    seconds_per_card: float = 0
    heartbeat: float = 20


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
