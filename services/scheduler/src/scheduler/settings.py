"""The scheduler's settings, from the environment (`CETAK_SCHEDULER_...`)."""

from datetime import timedelta

from pydantic_settings import BaseSettings, SettingsConfigDict

from scheduler.use_cases.desk import Terms


class SchedulerSettings(BaseSettings):
    """Seconds unless the name says otherwise. Zone and account are those of offices made here."""

    model_config = SettingsConfigDict(env_prefix="CETAK_SCHEDULER_", frozen=True)

    tz: str = "Asia/Jakarta"
    account: str = "default"
    silent: float = 90
    gone: float = 300
    approval_margin: float = 600
    verifying_due_minutes: float = 30
    correction_days: int = 90
    collect_days: int = 365
    shallow_hours: float = 2
    print_after_close: bool = True
    low_days: float = 3
    low_cards: int = 50
    connections: int = 8

    def terms(self) -> Terms:
        return Terms(
            tz=self.tz,
            account=self.account,
            silent=self.silent,
            gone=self.gone,
            approval_margin=self.approval_margin,
            verifying_due=timedelta(minutes=self.verifying_due_minutes),
            correction_due=timedelta(days=self.correction_days),
            collect_due=timedelta(days=self.collect_days),
            shallow_hours=self.shallow_hours,
            print_after_close=self.print_after_close,
            low_days=self.low_days,
            low_cards=self.low_cards,
        )
