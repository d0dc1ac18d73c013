"""The base of every message on the wire, and the registry that finds a model by its type name."""

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Wire(BaseModel):
    """A value on the wire: frozen; unknown fields are ignored, so that old consumers survive newer publishers."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_bytes="base64", val_json_bytes="base64")


class Message(Wire):
    """A message. TYPE is its name for ever, `<noun>.<verb>.v<n>`; the routing key is the name without version."""

    TYPE: ClassVar[str]

    def routing_key(self) -> str:
        return self.TYPE.rsplit(".", 1)[0]

    def subject(self) -> str:
        """What the message is about (an application's id, a station's id); never a person."""
        return str(getattr(self, "application_id", ""))


class UnknownType(ValueError):
    """No contract bears this type name."""


def registry(*messages: type[Message]) -> dict[str, type[Message]]:
    """Models by type name; refuses two models of one name."""
    found: dict[str, type[Message]] = {}
    for message in messages:
        if message.TYPE in found:
            raise UnknownType(f"two contracts are named {message.TYPE}")
        found[message.TYPE] = message
    return found
