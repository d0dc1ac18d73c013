"""What the local cluster takes from the environment."""

import os
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ClusterSettings(BaseSettings):
    """`port` is the front's; RabbitMQ and the services take the ports after it."""

    model_config = SettingsConfigDict(env_prefix="CETAK_", frozen=True)

    home: Path = Path("var")
    port: int = 8021
    log_level: str = "INFO"


class FrontSettings(BaseSettings):
    """`routes`: by a service's path, where its processes listen (JSON)."""

    model_config = SettingsConfigDict(env_prefix="CETAK_", frozen=True)

    home: Path = Path("var")
    host: str = "127.0.0.1"
    port: int = 8021
    log_level: str = "INFO"
    routes: dict[str, tuple[str, ...]] = Field(default_factory=dict, alias="CETAK_FRONT_ROUTES")


def inherited() -> dict[str, str]:
    """What a child process gets of our environment: all but Cetak's own settings."""
    return {name: value for name, value in os.environ.items() if not name.startswith("CETAK_")}
