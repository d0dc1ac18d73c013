"""The data centre's wire: the one file that a real integration changes.

`POST {base}/dukcapil/get_json/{institution}/{method}`, JSON both ways. A business answer has HTTP status 200; anything
else, a time-out and a body of another shape say nothing about a citizen. Credentials and people's data stand in request
and reply bodies only: never in an exception's text, never in a log line.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx2

from backbone import failpoints
from backbone.clock import Clock
from datacenter_gateway.domain.record import Found, Match, Person, Refusal

VERIFY = "CALL_VERIFY_BY_ELEMEN"
RECORD = "CALL_NIK"
SEXES = {"M": "Laki-laki", "F": "Perempuan"}
TEXTS = (
    ("data ditemukan, meninggal dunia", "11"),
    ("data ditemukan, data ganda", "12"),
    ("data tidak ditemukan, nik tidak sesuai format", "15"),
    ("data tidak ditemukan", "13"),
    ("data ditemukan, status non aktif", "14"),
)
"""How a refusal's text begins, for a deployment that sends no code; the longer beginnings come first."""
CREDENTIALS = ("login gagal", "user id atau password salah", "ip address tidak sesuai")
QUOTA = "kuota akses hari ini telah habis"
LARGEST_REPLY = 8 * 1024 * 1024


class CentreDown(Exception):
    """The centre did not answer as it should. `cause` is a short code without data."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class CentreClosed(CentreDown):
    """The centre says it is shut (503); `retry_after` in seconds, where it says how long."""

    def __init__(self, retry_after: float | None) -> None:
        super().__init__("centre_closed")
        self.retry_after = retry_after


class Unreadable(CentreDown):
    """A reply whose content is not what was asked for: it may be this one record's fault."""

    def __init__(self, what: str) -> None:
        super().__init__("unreadable")
        self.what = what


class BadCredentials(Exception):
    """The centre does not accept us; `cause` is `login` or `address`."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


class QuotaUsedUp(Exception):
    """The day's quota is spent."""


@dataclass(frozen=True, kw_only=True)
class Credentials:
    user_id: str = field(repr=False)
    password: str = field(repr=False)
    ip_user: str = field(repr=False)


class Centre:
    """Calls the centre. Every method raises CentreDown (CentreClosed, Unreadable), BadCredentials or QuotaUsedUp."""

    def __init__(
        self,
        client: httpx2.AsyncClient,
        clock: Clock,
        *,
        url: str,
        institution: str,
        credentials: Credentials,
        threshold: int,
        timeout: float,
    ) -> None:
        self._client = client
        self._clock = clock
        self._url = f"{url.rstrip('/')}/dukcapil/get_json/{institution}"
        self._credentials = {
            "USER_ID": credentials.user_id,
            "PASSWORD": credentials.password,
            "IP_USER": credentials.ip_user,
        }
        self._threshold = str(threshold)
        self._timeout = timeout

    async def match(self, person: Person) -> tuple[Match | Refusal, int | None]:
        """Does this person exist, and do these elements match? With the quota left, where the centre tells."""
        asked = {"NAMA_LGKP": person.full_name, "TGL_LHR": person.birth_date.strftime("%d-%m-%Y")}
        if person.sex is not None:
            asked["JENIS_KLMIN"] = SEXES[person.sex]
        body = await self._call(VERIFY, {"NIK": person.nik, "TRESHOLD": self._threshold, **asked})
        return read_match(body, list(asked)), _quota(body)

    async def record(self, nik: str) -> tuple[Found | Refusal, int | None]:
        """The person's record."""
        body = await self._call(RECORD, {"NIK": nik})
        return read_record(body, nik), _quota(body)

    async def _call(self, method: str, question: Mapping[str, str]) -> dict[str, Any]:
        began = self._clock.now()
        failpoints.hit("gateway.call")
        try:
            response = await self._client.post(
                f"{self._url}/{method}", json={**self._credentials, **question}, timeout=self._timeout
            )
        except httpx2.TimeoutException:
            raise CentreDown("timeout") from None
        except (httpx2.HTTPError, httpx2.StreamError, OSError, AttributeError):
            # AttributeError: the library asks a connection that was reset as it was made for its socket.
            raise CentreDown("unreachable") from None
        if (self._clock.now() - began).total_seconds() > self._timeout:
            raise CentreDown("timeout")
        return read_body(response.status_code, response.headers, response.content)


def read_body(status: int, headers: Mapping[str, str], content: bytes) -> dict[str, Any]:
    """The reply's JSON object, once it is a business answer about a citizen."""
    if status == 503:
        raise CentreClosed(_seconds(headers.get("retry-after", "")))
    if status != 200:
        raise CentreDown(f"http_{status}")
    if len(content) > LARGEST_REPLY:
        raise CentreDown("unreadable")
    try:
        body = httpx2.Response(200, content=content).json()
    except ValueError:
        raise CentreDown("unreadable") from None
    if not isinstance(body, dict):
        raise CentreDown("unreadable")
    _refuse_caller(_text(_row(body)).lower())
    return body


def read_match(body: Mapping[str, Any], asked: list[str]) -> Match | Refusal:
    """The answer to VERIFY: each asked element must come back as matching or not."""
    row = _row(body)
    refusal = _refusal(row)
    if refusal is None and not any(name in row for name in asked):
        raise CentreDown("unreadable")
    return refusal or Match(elements={ELEMENTS[name]: _matches(row.get(name), name) for name in asked})


ELEMENTS = {"NAMA_LGKP": "full_name", "TGL_LHR": "birth_date", "JENIS_KLMIN": "sex"}


def read_record(body: Mapping[str, Any], nik: str) -> Found | Refusal:
    """The answer to RECORD: the record of exactly the person asked for."""
    row = _row(body)
    refusal = _refusal(row)
    if refusal is not None:
        return refusal
    if "NIK" not in row:
        raise CentreDown("unreadable")
    if _plain(row, "NIK") != nik:
        raise Unreadable("another NIK")
    status = _plain(row, "EKTP_STATUS").upper().replace(" ", "_")
    return Found(status=status, record=_record(row, nik))


def _record(row: Mapping[str, Any], nik: str) -> dict[str, Any]:
    return {
        "nik": nik,
        "full_name": _needed(row, "NAMA_LGKP"),
        "birth_place": _plain(row, "TMPT_LHR", "-"),
        "birth_date": _date(_needed(row, "TGL_LHR")),
        "sex": _sex(_needed(row, "JENIS_KLMIN")),
        "blood_type": _plain(row, "GOL_DARAH", "-"),
        "address": _plain(row, "ALAMAT", "-"),
        "rt": _plain(row, "NO_RT", "-").rjust(3, "0") if _plain(row, "NO_RT") else "-",
        "rw": _plain(row, "NO_RW", "-").rjust(3, "0") if _plain(row, "NO_RW") else "-",
        "village": _plain(row, "KEL_NAME", "-"),
        "district": _plain(row, "KEC_NAME", "-"),
        "regency": _plain(row, "KAB_NAME", "-"),
        "province": _plain(row, "PROP_NAME", "-"),
        "religion": _plain(row, "AGAMA", "-"),
        "marital_status": _plain(row, "STATUS_KAWIN", "-"),
        "occupation": _plain(row, "JENIS_PKRJN", "-"),
        "photo": _image(row, "FOTO"),
        "signature": _image(row, "TTD"),
    }


def _row(body: Mapping[str, Any]) -> Mapping[str, Any]:
    content = body.get("content", [body] if _text(body) else None)
    if not isinstance(content, list) or len(content) != 1 or not isinstance(content[0], dict):
        raise CentreDown("unreadable")
    return content[0]


def _text(row: Mapping[str, Any]) -> str:
    return " ".join(str(row.get("RESPON") or row.get("RESPONSE") or "").split())


def _refuse_caller(text: str) -> None:
    if text.startswith(CREDENTIALS):
        raise BadCredentials("address" if text.startswith("ip") else "login")
    if text.startswith(QUOTA):
        raise QuotaUsedUp


def _refusal(row: Mapping[str, Any]) -> Refusal | None:
    """By its code; without one by how its text begins. A text that does not speak of data says nothing of a citizen."""
    code, text = _plain(row, "RESPONSE_CODE"), _text(row).lower()
    if code:
        return Refusal(code=code.zfill(2) if code.isdecimal() and len(code) <= 4 else "unknown")
    if not text:
        return None
    known = next((code for start, code in TEXTS if text.startswith(start)), None)
    if known is None and not text.startswith("data "):
        raise CentreDown("unknown_refusal")
    return Refusal(code=known or "unknown")


def _matches(value: object, name: str) -> bool:
    said = str(value or "").strip().lower()
    if said.startswith("sesuai"):
        return True
    if said.startswith("tidak sesuai"):
        return False
    raise Unreadable(name)


def _plain(row: Mapping[str, Any], name: str, missing: str = "") -> str:
    value = row.get(name)
    return missing if value is None else " ".join(str(value).split()) or missing


def _needed(row: Mapping[str, Any], name: str) -> str:
    value = _plain(row, name)
    if not value:
        raise Unreadable(name)
    return value


def _date(text: str) -> date:
    try:
        day, month, year = text.replace(".", "-").split("-")
        return date(int(year), int(month), int(day))
    except ValueError:
        raise Unreadable("TGL_LHR") from None


def _sex(text: str) -> str:
    found = next((sex for sex, word in SEXES.items() if text.lower() == word.lower()), None)
    if found is None:
        raise Unreadable("JENIS_KLMIN")
    return found


def _image(row: Mapping[str, Any], name: str) -> bytes | None:
    try:
        return base64.b64decode("".join(_plain(row, name).split()), validate=True) or None
    except (binascii.Error, ValueError):
        raise Unreadable(name) from None


def _quota(body: Mapping[str, Any]) -> int | None:
    try:
        return max(0, int(body["quotaLimiter"]))
    except (KeyError, TypeError, ValueError):
        return None


def _seconds(text: str) -> float | None:
    """Retry-After as seconds; a date there (RFC 9110 allows one) is not used by this centre."""
    return float(text) if text.isdecimal() else None
