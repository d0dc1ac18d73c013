"""Intake's settings, from the environment (`CETAK_INTAKE_...`)."""

from datetime import date
from zoneinfo import ZoneInfo

from pydantic_settings import BaseSettings, SettingsConfigDict

from intake.use_cases.desk import Terms


class IntakeSettings(BaseSettings):
    """`tz` is the office's zone; `earliest_import` the first day an import may name.

    `ask_in_flight`, `ask_at_rest`: seconds, see `Terms`.
    """

    model_config = SettingsConfigDict(env_prefix="CETAK_INTAKE_", frozen=True)

    tz: str = "Asia/Jakarta"
    earliest_import: date = date(2011, 1, 1)
    ask_in_flight: float = 1800
    ask_at_rest: float = 7 * 86400
    connections: int = 8

    def terms(self) -> Terms:
        return Terms(
            tz=ZoneInfo(self.tz),
            earliest_import=self.earliest_import,
            ask_in_flight=self.ask_in_flight,
            ask_at_rest=self.ask_at_rest,
        )
