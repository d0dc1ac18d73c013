"""What is wrong with one field, in words that tell the sender what to change; and who gathers it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing found. `code` is stable within its field; the words hold no personal data."""

    field: str
    code: str
    message_id: str
    message_en: str


class Findings:
    """Gathers what one row or body gives rise to: errors refuse it, warnings go with it to an officer."""

    __slots__ = ("errors", "warnings")

    def __init__(self) -> None:
        self.errors: list[Finding] = []
        self.warnings: list[Finding] = []

    def reject(self, field: str, code: str, message_id: str, message_en: str) -> None:
        self.errors.append(Finding(field=field, code=code, message_id=message_id, message_en=message_en))

    def warn(self, field: str, code: str, message_id: str, message_en: str) -> None:
        self.warnings.append(Finding(field=field, code=code, message_id=message_id, message_en=message_en))
