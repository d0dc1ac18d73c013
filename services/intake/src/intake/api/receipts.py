"""The citizen's own view, without a token."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request

from intake.api.desk import DeskDep
from intake.domain.receipt import parse_receipt
from intake.use_cases import receipts
from intake.use_cases.receipts import Buckets

router = APIRouter(prefix="/v1/receipts", tags=["citizens"])


@router.get("/{receipt_number}")
async def look_up(
    request: Request,
    desk: DeskDep,
    receipt_number: str,
    x_receipt_pin: Annotated[str, Header()] = "",
) -> dict[str, Any]:
    """What a card waits for and who must act, in plain words, for whoever holds the receipt and its PIN."""
    by_number: Buckets = request.app.state.receipt_numbers
    by_address: Buckets = request.app.state.receipt_addresses
    by_address.take(request.client.host if request.client else "")
    by_number.take(parse_receipt(receipt_number) or "")
    return await receipts.look_up(desk, receipt_number, x_receipt_pin)
