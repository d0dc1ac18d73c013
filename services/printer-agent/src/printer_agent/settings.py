"""A station's settings, from the environment (`CETAK_STATION_...`)."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class StationSettings(BaseSettings):
    """Seconds unless the name says otherwise. `folder` holds the journal and, for the folder driver, the cards."""

    model_config = SettingsConfigDict(env_prefix="CETAK_STATION_", frozen=True)

    station: str
    folder: Path
    heartbeat: float = 20
    retry: float = 15
    freeze: float = 30
    """The longest between the question to arm and the card's data: who slept longer sends nothing."""
    look_again: float = 3
    """Who took longer than this asks the office once more, before the card's data goes, whether it may still print."""
    clock_off: float = 30
    """How far this machine's clock may be from the office's; beyond it nothing is printed."""
    journal_days: int = 30
    """How far back the journal is told after a restore of the office's database."""
    tz: str = "Asia/Jakarta"
    specimen: bool = True
    """Marks every card SPESIMEN. A real deployment says no on purpose."""
    page_password: SecretStr | None = Field(default=None, min_length=8)
    """Opens the station's page beyond its own machine; without one it opens on that machine only."""
