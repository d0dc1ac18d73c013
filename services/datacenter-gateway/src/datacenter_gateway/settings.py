"""The gateway's settings, from the environment (`CETAK_GATEWAY_...`)."""

import ssl

import httpx2
from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from datacenter_gateway.centre import Credentials
from datacenter_gateway.use_cases.desk import CalendarSeed, Terms

DAILY = ("07:30-24:00",) * 7
COUNTER = ("07:30-16:00",) * 5 + ("closed",) * 2


class GatewaySettings(BaseSettings):
    """Where the centre is, who we are there, what the account may do.

    `account_prefix` is the account's home region, whose overrides rule it ('' = the whole deployment's). `ca_file` names
    the centre's private certificates. Hours seed the calendars at the first start; later they are changed by overrides.
    The centre's are of the zone `tz`; with `local_hours`, those of counters and printing are of each office's own zone.
    """

    model_config = SettingsConfigDict(env_prefix="CETAK_GATEWAY_", frozen=True)

    centre_url: str = "http://127.0.0.1:8090"
    institution: str = "disdukcapil"
    user_id: str = ""
    password: SecretStr = SecretStr("")
    ip_user: str = ""
    ca_file: str | None = None
    timeout_seconds: float = 30
    treshold: int = 90
    account: str = "default"
    account_prefix: str = ""
    calls_per_hour: float | None = None
    quota: int | None = None
    approval_hours: float = 24
    calls_in_flight: int = 4
    call_seconds: float = 1
    tz: str = "Asia/Jakarta"
    local_hours: bool = False
    counter_hours: tuple[str, ...] = COUNTER
    printing_hours: tuple[str, ...] = DAILY
    centre_hours: tuple[str, ...] = DAILY

    def credentials(self) -> Credentials:
        return Credentials(
            user_id=self.user_id, password=self.password.get_secret_value(), ip_user=self.ip_user
        )

    def client(self) -> httpx2.AsyncClient:
        """A client that trusts the centre's certificates, and follows no redirect with our credentials."""
        trust = ssl.create_default_context(cafile=self.ca_file)
        return httpx2.AsyncClient(verify=trust, timeout=self.timeout_seconds, follow_redirects=False)

    def terms(self) -> Terms:
        hours = {
            "counter": self.counter_hours,
            "printing": self.printing_hours,
            "centre": self.centre_hours,
        }
        return Terms(
            account=self.account,
            prefix=self.account_prefix,
            calls_per_hour=self.calls_per_hour,
            quota=self.quota,
            approval_hours=self.approval_hours,
            call_seconds=self.call_seconds,
            lease=2 * self.timeout_seconds + 30,
            calls_in_flight=self.calls_in_flight,
            calendars=tuple(
                CalendarSeed(
                    name=name,
                    tz=self.tz,
                    weekly=weekly,
                    follows_holidays=name == "counter",
                    local=self.local_hours and name != "centre",
                )
                for name, weekly in hours.items()
            ),
        )
