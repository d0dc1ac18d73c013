"""What the bench's processes share: one specification, handed over as a file, from which each makes its own tools."""

import base64
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from backbone.auth import Authority, Tickets
from backbone.clock import Clock
from backbone.database import Login
from backbone.definitions import VHOST
from backbone.rabbit import address
from backbone.rights import Actor
from backbone.seal import Sealer
from intake.use_cases.desk import Keys

OFFICE = "21.02"


class Spec(BaseModel):
    """One run of the bench. `pool`: the textbook's connections; as many as it has requests at a time make it fastest."""

    model_config = ConfigDict(frozen=True)

    socket: str
    database: str = "cetak"
    textbook_database: str = "textbook"
    amqp_port: int
    passwords: dict[str, str]
    private: str
    public: str
    secret: dict[str, str]
    pool: int = 32

    def login(self, schema: str, database: str | None = None) -> Login:
        return Login(role=schema, schema=schema, host=self.socket, database=database or self.database)

    def address(self, user: str) -> address.Address:
        return address.Address(port=self.amqp_port, user=user, password=self.passwords[user])

    def amqp_url(self, user: str = "bench") -> str:
        return f"amqp://{user}:{self.passwords[user]}@127.0.0.1:{self.amqp_port}/{VHOST}"

    def sqlalchemy_url(self, schema: str = "intake") -> str:
        """The textbook's own copy of the same schema."""
        return f"postgresql+asyncpg://{schema}@/{self.textbook_database}?host={self.socket}"

    def keys(self) -> Keys:
        return Keys(
            storage=self.sealer("storage"),
            courier=self.sealer("courier"),
            person=self._secret("person"),
            fingerprint=self._secret("fingerprint"),
            pin=self._secret("pin"),
        )

    def sealer(self, name: str) -> Sealer:
        return Sealer({"k1": self._secret(name)}, "k1")

    def authority(self, clock: Clock) -> Authority:
        return Authority(clock, public=self.public.encode(), private=self.private.encode())

    def tickets(self, clock: Clock) -> Tickets:
        return Tickets(clock, self._secret("ticket"))

    def token(self, clock: Clock, *scopes: str, station: str | None = None) -> str:
        actor = Actor(subject=station or "kiosk-1", scopes=frozenset(scopes), prefix=OFFICE, station=station)
        return self.authority(clock).issue(actor, timedelta(days=1))

    def _secret(self, name: str) -> bytes:
        return base64.b64decode(self.secret[name])


def read(path: Path) -> Spec:
    return Spec.model_validate_json(path.read_text())
