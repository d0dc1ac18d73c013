"""A call's request body, exactly as the protocol has it: what it does not name is an error. Pure."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

VERIFY: Final = "CALL_VERIFY_BY_ELEMEN"
RECORD: Final = "CALL_NIK"

Word = str | int
"""Numbers may come as numbers."""


class RecordAsking(BaseModel):
    """CALL_NIK. Missing credentials are wrong credentials."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    USER_ID: str = ""
    PASSWORD: str = Field(default="", repr=False)
    IP_USER: str = ""
    NIK: str = Field(repr=False)


class VerifyAsking(RecordAsking):
    """CALL_VERIFY_BY_ELEMEN. Elements that are not asked about are left out."""

    TRESHOLD: Annotated[str, Field(pattern=r"^(100|[0-9]{1,2})$")]
    NO_KK: Word = ""
    NAMA_LGKP: str = ""
    TMPT_LHR: str = ""
    TGL_LHR: Annotated[str, Field(pattern=r"^[0-9]{2}-[0-9]{2}-[0-9]{4}$")] = ""
    JENIS_KLMIN: Literal["", "Laki-laki", "Perempuan"] = ""
    ALAMAT: str = ""
    NO_RT: Word = ""
    NO_RW: Word = ""
    NO_PROP: Word = ""
    PROP_NAME: str = ""
    NO_KAB: Word = ""
    KAB_NAME: str = ""
    NO_KEC: Word = ""
    KEC_NAME: str = ""
    NO_KEL: Word = ""
    KEL_NAME: str = ""
    JENIS_PKRJN: str = ""
    STATUS_KAWIN: str = ""

    def elements(self) -> dict[str, Word]:
        """What is asked about, in the protocol's order."""
        return {name: getattr(self, name) for name in ELEMENTS if name in self.model_fields_set}


ELEMENTS: Final = tuple(
    name for name in VerifyAsking.model_fields if name != "TRESHOLD" and name not in RecordAsking.model_fields
)

Asking = VerifyAsking | RecordAsking

_METHODS: Final[Mapping[str, type[RecordAsking]]] = {VERIFY: VerifyAsking, RECORD: RecordAsking}


class NotTheProtocol(ValueError):
    """A request that no client of this protocol sends: an unknown method (404), or fields at fault (400)."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def read_asking(method: str, body: bytes) -> Asking:
    """The request of one of the two methods; raises NotTheProtocol, which quotes no value."""
    model = _METHODS.get(method)
    if model is None:
        raise NotTheProtocol(404, "Metode tidak dikenal")
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise NotTheProtocol(400, f"Tidak sesuai protokol: {_fields(found)}") from None


def _fields(errors: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(sorted({str(error["loc"][0]) if error["loc"] else "body" for error in errors}))
