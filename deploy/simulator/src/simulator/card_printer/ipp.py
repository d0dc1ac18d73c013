"""IPP messages as bytes and back (RFC 8010): as much of it as a card printer speaks. Pure."""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

OPERATION: Final = 0x01
JOB: Final = 0x02
END: Final = 0x03
PRINTER: Final = 0x04
GROUPS: Final = frozenset({OPERATION, JOB, PRINTER, 0x05})

INTEGER, BOOLEAN, ENUM, OCTETS = 0x21, 0x22, 0x23, 0x30
TEXT, NAME, KEYWORD, URI, CHARSET, LANGUAGE, MIME = 0x41, 0x42, 0x44, 0x45, 0x47, 0x48, 0x49
RANGE = 0x33
BEGIN, FINISH, MEMBER = 0x34, 0x37, 0x4A
OUT_OF_BAND: Final = range(0x10, 0x20)
LONGEST: Final = 8 * 2**20


class Malformed(ValueError):
    """These bytes are no IPP message."""


@dataclass(frozen=True, kw_only=True)
class Tagged:
    """An attribute's values under their syntax's tag; text as str, numbers as int, a range as a pair."""

    tag: int
    values: tuple[Any, ...]


Attributes = Mapping[str, Tagged]


@dataclass(frozen=True, kw_only=True)
class Message:
    """A request (`code` is the operation) or a response (`code` is the status). `groups` in the order they stand."""

    code: int
    request_id: int
    version: tuple[int, int] = (2, 0)
    groups: tuple[tuple[int, Attributes], ...] = ()
    data: bytes = field(default=b"", repr=False)

    def first(self, name: str, default: Any = None, *, group: int = OPERATION) -> Any:
        """The first value of an attribute, or `default`."""
        values = self.all(name, group=group)
        return values[0] if values else default

    def all(self, name: str, *, group: int = OPERATION) -> tuple[Any, ...]:
        for tag, attributes in self.groups:
            if tag == group and name in attributes:
                return attributes[name].values
        return ()


def encode(message: Message) -> bytes:
    """The message's bytes, data last."""
    parts = [struct.pack(">BBHI", *message.version, message.code, message.request_id)]
    for group, attributes in message.groups:
        parts.append(bytes([group]))
        parts += [_attribute(name, tagged) for name, tagged in attributes.items()]
    return b"".join([*parts, bytes([END]), message.data])


def decode(raw: bytes) -> Message:
    """The message of these bytes. Raises Malformed."""
    if len(raw) > LONGEST:
        raise Malformed("too long")
    try:
        major, minor, code, request_id = struct.unpack_from(">BBHI", raw)
        groups, end = _groups(raw, 8)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise Malformed(str(error)) from None
    return Message(code=code, request_id=request_id, version=(major, minor), groups=groups, data=raw[end:])


def _attribute(name: str, tagged: Tagged) -> bytes:
    """The first value bears the name, the others none (RFC 8010, section 3.1.5)."""
    names = [name, *[""] * (len(tagged.values) - 1)]
    return b"".join(
        _field(tagged.tag, each, _value(tagged.tag, value))
        for each, value in zip(names, tagged.values, strict=True)
    )


def _field(tag: int, name: str, value: bytes) -> bytes:
    said = name.encode()
    return struct.pack(">BH", tag, len(said)) + said + struct.pack(">H", len(value)) + value


def _value(tag: int, value: Any) -> bytes:
    if tag in (INTEGER, ENUM):
        return struct.pack(">i", value)
    if tag == BOOLEAN:
        return bytes([bool(value)])
    if tag == RANGE:
        return struct.pack(">ii", *value)
    return value if isinstance(value, bytes) else str(value).encode()


def _groups(raw: bytes, place: int) -> tuple[tuple[tuple[int, Attributes], ...], int]:
    found: list[tuple[int, dict[str, Tagged]]] = []
    name = ""
    while (tag := raw[place]) != END:
        if tag in GROUPS:
            found.append((tag, {}))
            place += 1
            continue
        if not found:
            raise Malformed("an attribute outside of any group")
        said, value, place = _read(raw, place)
        if tag == BEGIN:
            value, place = _collection(raw, place)
        name = said or name
        before = found[-1][1].get(name) if not said else None
        values = (*(before.values if before else ()), _meaning(tag, value))
        found[-1][1][name] = Tagged(tag=tag, values=values)
    return tuple(found), place + 1


def _read(raw: bytes, place: int) -> tuple[str, Any, int]:
    """Name, bytes of the value and the next place of the field that begins here."""
    (length,) = struct.unpack_from(">H", raw, place + 1)
    begin = place + 3 + length
    (size,) = struct.unpack_from(">H", raw, begin)
    end = begin + 2 + size
    if end > len(raw):
        raise Malformed("a value that goes on past the end")
    return raw[place + 3 : begin].decode(), raw[begin + 2 : end], end


def _collection(raw: bytes, place: int) -> tuple[dict[str, Any], int]:
    """A collection's members by name, the first value of each."""
    found: dict[str, Any] = {}
    member = ""
    while (tag := raw[place]) != FINISH:
        _, value, place = _read(raw, place)
        if tag == MEMBER:
            member = value.decode()
            continue
        if tag == BEGIN:
            value, place = _collection(raw, place)
        found.setdefault(member, _meaning(tag, value))
    return found, _read(raw, place)[2]


def _meaning(tag: int, value: Any) -> Any:
    if isinstance(value, dict) or tag in OUT_OF_BAND:
        return value if isinstance(value, dict) else None
    if tag in (INTEGER, ENUM):
        return struct.unpack(">i", value)[0]
    if tag == BOOLEAN:
        return value != b"\0"
    if tag == RANGE:
        return struct.unpack(">ii", value)
    return value if tag < TEXT else value.decode()


def texts(tag: int, *values: str) -> Tagged:
    return Tagged(tag=tag, values=values)


def numbers(*values: int, tag: int = INTEGER) -> Tagged:
    return Tagged(tag=tag, values=values)


def names_asked(message: Message) -> Iterator[str]:
    """What `requested-attributes` names; "all" where it is absent."""
    yield from message.all("requested-attributes") or ("all",)
