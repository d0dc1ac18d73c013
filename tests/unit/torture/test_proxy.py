"""The proxy behaves until it is told to misbehave, and again when it is cleared."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from tests.torture.proxy import Proxy


@pytest.fixture
async def proxy() -> AsyncIterator[Proxy]:
    """In front of a server that answers every piece with itself."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(100):
                writer.write(piece)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    made = Proxy(0, server.sockets[0].getsockname()[1])
    await made.start()
    yield made
    await made.stop()
    server.close()


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def connect(cls, proxy: Proxy) -> "Client":
        return cls(*await asyncio.open_connection("127.0.0.1", proxy.port))

    async def say(self, text: bytes) -> bytes:
        self._writer.write(text)
        async with asyncio.timeout(0.5):
            return await self._reader.readexactly(len(text))

    def close(self) -> None:
        self._writer.transport.abort()


async def test_it_passes_bytes_both_ways(proxy: Proxy) -> None:
    client = await Client.connect(proxy)

    assert await client.say(b"apa kabar") == b"apa kabar"
    client.close()


async def test_a_cut_resets_both_sides_and_takes_new_connections(proxy: Proxy) -> None:
    old = await Client.connect(proxy)
    await old.say(b"a")
    proxy.cut()

    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await old.say(b"b")
    new = await Client.connect(proxy)
    assert await new.say(b"c") == b"c"
    new.close()
    old.close()


async def test_while_refusing_nobody_gets_through(proxy: Proxy) -> None:
    proxy.refuse()

    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await (await Client.connect(proxy)).say(b"a")


async def test_half_open_swallows_and_answers_nothing(proxy: Proxy) -> None:
    client = await Client.connect(proxy)
    await client.say(b"a")
    proxy.half_open()

    with pytest.raises(TimeoutError):
        await client.say(b"b")
    late = await Client.connect(proxy)
    with pytest.raises(TimeoutError):
        await late.say(b"c")
    client.close()
    late.close()


async def test_cleared_it_behaves_again_and_what_fell_silent_is_reset(proxy: Proxy) -> None:
    silent = await Client.connect(proxy)
    await silent.say(b"a")
    proxy.half_open()
    proxy.clear()

    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await silent.say(b"b")
    new = await Client.connect(proxy)
    assert await new.say(b"c") == b"c"
    new.close()


async def test_a_delay_holds_each_way(proxy: Proxy) -> None:
    client = await Client.connect(proxy)
    proxy.delay(0.1)
    began = time.monotonic()
    await client.say(b"a")

    assert time.monotonic() - began >= 0.2
    client.close()


async def test_a_slice_breaks_what_is_said_into_small_pieces(proxy: Proxy) -> None:
    client = await Client.connect(proxy)
    proxy.delay(0.01, slice_bytes=1)

    assert await client.say(b"sepuluh") == b"sepuluh"
    client.close()


async def test_a_closed_connection_leaves_nothing_behind(proxy: Proxy) -> None:
    client = await Client.connect(proxy)
    await client.say(b"a")
    client.close()
    for _ in range(100):
        if not proxy.open_lines:
            break
        await asyncio.sleep(0.01)

    assert proxy.open_lines == 0
