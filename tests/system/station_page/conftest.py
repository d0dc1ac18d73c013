"""A station's page in Chromium: an office in virtual time behind it, which stands still while somebody looks."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # it has no stubs
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from local_cluster.chromium import ARGUMENTS, CHROMIUM, ChromiumMissing, ensure_chromium
from printer_agent.session import Health

STATION = "2102-1"
DESK = {"width": 1280, "height": 800}
PICTURES = os.environ.get("CETAK_PICTURES")
"""A folder that gets the README's pictures of the page; made anew only on purpose."""


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    try:
        ensure_chromium()
    except ChromiumMissing as missing:
        pytest.skip(str(missing))
    # A loaded machine is no fault of the page.
    expect.set_options(timeout=20_000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


class Printer:
    """The edge of the world: what the folder printer says of itself, and of its next cards."""

    def __init__(self) -> None:
        self.state = Health(state="ready")
        self.jams = False

    async def health(self) -> Health:
        return self.state

    def fault(self, attempt: object) -> str | None:
        return "media-jam" if self.jams else None


class Station:
    """One station of an office, its page and its people."""

    def __init__(self, office: Any, printer: Printer, browser: Browser, port: int) -> None:
        self.office, self.printer, self._browser = office, printer, browser
        self.url = f"http://127.0.0.1:{port}/stations/{STATION}/"
        self._contexts: list[BrowserContext] = []

    async def open(self, path: str = "", *, size: dict[str, int] = DESK, scripts: bool = True) -> Page:
        context = await self._browser.new_context(viewport=size, java_script_enabled=scripts)  # type: ignore[arg-type]
        self._contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(20_000)
        await page.goto(self.url + path)
        return page

    async def close(self) -> None:
        for context in self._contexts:
            await context.close()

    async def work_comes(self, n: int = 3) -> None:
        """So many people apply; their cards are on the way to the printers."""
        await self.office.post_all(self.office.people.take(n, "data_change", "moved_in"))

    async def has_worked(self) -> None:
        """An hour of work is behind it, with ribbon and film on record, and more before it."""
        for item in ("ribbon", "film"):
            path = f"/scheduler/v1/stations/{STATION}/supplies"
            await self.office.call("operator", "POST", path, json={"item": item, "nominal": 250})
        await self.work_comes(40)
        await self.office.sleep(minutes=60)

    async def until(self, word: str) -> None:
        """Let time pass until the page's word is so."""

        async def so() -> bool:
            answer = await self.office.host.client.get(f"/stations/{STATION}/", headers={"Host": "127.0.0.1"})
            return f">{word} " in answer.text

        await self.office.until(so, hours=2, every=0.25)

    async def becomes_uncertain(self) -> None:
        self.printer.jams = True
        await self.work_comes()
        await self.until("Periksa")
        self.printer.jams = False

    async def picture(self, page: Page, name: str) -> None:
        if PICTURES:
            await page.screenshot(path=Path(PICTURES) / f"station-{name}.png")

    async def looked_over(self, page: Page) -> None:
        """No finding of axe, and nothing that sticks out to the side."""
        found = await Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        boxes = "[document.documentElement, ...document.querySelectorAll('.card')]"
        assert await page.evaluate(f"{boxes}.every((box) => box.scrollWidth <= box.clientWidth)")

    async def by_keyboard(self, page: Page, name: str) -> None:
        """Go to what bears this name by Tab alone, and press it."""
        for _ in range(40):
            await page.keyboard.press("Tab")
            text = await page.evaluate("document.activeElement.textContent")
            if name in text:
                await page.keyboard.press("Enter")
                return
        raise AssertionError(f"{name} is out of the keyboard's reach")


@asynccontextmanager
async def _served(app: Any) -> AsyncIterator[int]:
    """The app on a free port of this machine."""
    config = uvicorn.Config(app, log_level="error", lifespan="off", ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    server.capture_signals = suppress  # type: ignore[method-assign, assignment]  # pytest's own stay
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = asyncio.create_task(server.serve([listener]))
        try:
            yield int(listener.getsockname()[1])
        finally:
            server.should_exit = True
            await running


@pytest.fixture
async def station(
    open_office: Any, chromium: Browser, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Station]:
    printer = Printer()
    monkeypatch.setattr("printer_agent.drivers.folder.FolderSession.health", printer.health)
    async with open_office(fault=printer.fault) as office, _served(office.host.app) as port:
        one = Station(office, printer, chromium, port)
        await office.sleep(minutes=1)
        yield one
        await one.close()
