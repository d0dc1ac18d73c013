"""A station's settings, from the environment (`CETAK_STATION_...`)."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class StationSettings(BaseSettings):
    """Seconds unless the name says otherwise. `folder` holds the journal and, for the folder driver, the cards."""

    model_config = SettingsConfigDict(env_prefix="CETAK_STATION_", frozen=True)

    station: str
    folder: Path
    heartbeat: float = 20
    retry: float = 15
    tz: str = "Asia/Jakarta"
    specimen: bool = True
    """Marks every card SPESIMEN. A real deployment says no on purpose."""
