"""Servers that do nothing: what the HTTP stack, and the load generator itself, can do at most on this machine."""

import asyncio
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

ANSWER = b'HTTP/1.1 202 Accepted\r\ncontent-length: 15\r\n\r\n{"status":"ok"}'


class Application(BaseModel):
    nik: str
    full_name: str
    birth_date: str
    sex: str
    district_code: str
    reason: str
    phone: str


class Answer(BaseModel):
    status: str


app = FastAPI()


@app.post("/v1/applications", status_code=202)
async def post(application: Application) -> Answer:
    return Answer(status="ok")


class Bare(asyncio.Protocol):
    """Answers whatever comes, without reading it: the generator's own limit."""

    def connection_made(self, transport: Any) -> None:  # uvloop's transports are no subclasses of asyncio's
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(ANSWER)


async def serve_bare(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Bare, "127.0.0.1", port)
    await server.serve_forever()
