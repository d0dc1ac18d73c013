"""Who signs: one person, or two where a blank is given up. A station's token names its persons; it is none itself."""

from dataclasses import dataclass

from backbone.problems import FieldError, Invalid
from backbone.rights import Actor


@dataclass(frozen=True, kw_only=True)
class Persons:
    """Whoever asks: the token's actor, the person at the station where one is named, and the second person."""

    actor: Actor
    person: str | None = None
    second: str | None = None

    @property
    def name(self) -> str:
        """How the record names who acted: the account, or the person with the token they acted by."""
        named = (self.person or "").strip()
        return f"{named} ({self.actor.subject})" if named else self.actor.subject

    @property
    def second_name(self) -> str | None:
        return self.second.strip() if self.second is not None else None

    def check(self, *, two: bool = True) -> None:
        """Raise Invalid unless a person acts and, with `two`, another one witnesses; a witness named needlessly counts too."""
        named = _same(self.person)
        if self.actor.station is not None and not named:
            raise _wrong(
                "person", "person_needed", "Sebutkan nama petugas.", "Name the person who does this."
            )
        if self.second is None and not two:
            return
        second = _same(self.second)
        if not second or second in (named, _same(self.actor.subject)):
            raise _wrong(
                "second_person",
                "another_person",
                "Harus disaksikan orang kedua yang berbeda.",
                "A second, different person must witness this.",
            )


def _same(name: str | None) -> str:
    """A name as it is compared: case and spaces do not make another person."""
    return " ".join((name or "").split()).casefold()


def _wrong(field: str, code: str, message_id: str, message_en: str) -> Invalid:
    return Invalid(errors=[FieldError(field=field, code=code, message_id=message_id, message_en=message_en)])
