"""The simulator's settings, from the environment (`CETAK_SIMULATOR_...`)."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

_WEEK = ("00:00-24:00",) * 7


class SimulatorSettings(BaseSettings):
    """Hours are Asia/Jakarta, Monday first, as `07:30-15:00` or `closed`. Latency is in seconds.

    `people` are drawn from `seed`; those of the `backlog` file come on top. Without a `call_log` calls are remembered only.
    `control` opens `/_control/` to anyone who reaches the port. `sync` puts a call's line on the disk before its answer.
    """

    model_config = SettingsConfigDict(env_prefix="CETAK_SIMULATOR_", frozen=True)

    user_id: str = "cetak"
    password: SecretStr = SecretStr("rahasia-simulasi")
    ip_user: str = "127.0.0.1"
    daily_quota: int | None = Field(default=None, ge=0)
    calls_per_hour: float | None = Field(default=None, gt=0)
    enforce_rate: bool = False
    weekly: tuple[str, ...] = _WEEK
    latency_low: float = Field(default=0.2, ge=0)
    latency_high: float = Field(default=2.0, ge=0)
    seed: int = 1
    people: int = Field(default=1000, ge=0)
    backlog: Path | None = None
    call_log: Path | None = None
    sync: bool = True
    control: bool = False
