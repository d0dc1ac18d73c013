"""The front hands requests on to a process of the service that the path names."""

from collections.abc import Callable

import httpx2
from starlette.applications import Starlette
from starlette.routing import Route

from local_cluster.front import Front

ROUTES = {"/intake": ("http://one", "http://two"), "/stations/2102-1": ("http://station",)}
Answer = Callable[[httpx2.Request], httpx2.Response]


async def ask(answer: Answer, method: str, path: str, times: int = 1, **values: str) -> list[httpx2.Response]:
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer)) as inner:
        front = Route("/{path:path}", Front(ROUTES, inner).hand_on, methods=["GET", "POST"])
        transport = httpx2.ASGITransport(Starlette(routes=[front]))
        async with httpx2.AsyncClient(transport=transport, base_url="http://front") as client:
            return [await client.request(method, path, content=values.get("content")) for _ in range(times)]


def host_and_path(request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, text=f"{request.url.host} {request.url.raw_path.decode()}")


def only_two_answers(error: type[httpx2.TransportError]) -> Answer:
    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.host == "one":
            raise error("gone")
        return host_and_path(request)

    return answer


async def test_a_path_goes_to_its_service_as_it_was_asked() -> None:
    (answer,) = await ask(host_and_path, "GET", "/stations/2102-1/queue?a=%20b")

    assert answer.text == "station /stations/2102-1/queue?a=%20b"


async def test_several_processes_take_turns() -> None:
    found = await ask(host_and_path, "GET", "/intake/queue", times=4)

    assert [answer.text.split()[0] for answer in found] == ["one", "two", "one", "two"]


async def test_body_headers_and_status_are_handed_on() -> None:
    def echo(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(202, content=request.content, headers={"Retry-After": "7"})

    (answer,) = await ask(echo, "POST", "/intake/v1/applications", content="isi")

    assert (answer.status_code, answer.text, answer.headers["retry-after"]) == (202, "isi", "7")


async def test_a_process_that_takes_no_connection_is_passed_over() -> None:
    found = await ask(
        only_two_answers(httpx2.ConnectError), "POST", "/intake/v1/applications", times=2, content="isi"
    )

    assert [answer.text.split()[0] for answer in found] == ["two", "two"]


async def test_a_reading_that_broke_off_is_asked_of_the_next() -> None:
    (answer,) = await ask(only_two_answers(httpx2.ReadError), "GET", "/intake/queue")

    assert answer.text == "two /intake/queue"


async def test_a_change_that_broke_off_is_asked_of_nobody_else() -> None:
    (answer,) = await ask(
        only_two_answers(httpx2.ReadError), "POST", "/intake/v1/applications", content="isi"
    )

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


async def test_an_unknown_path_is_not_found() -> None:
    (answer,) = await ask(host_and_path, "GET", "/intakes/queue")

    assert answer.status_code == 404


async def test_who_asked_and_by_which_name_is_handed_on() -> None:
    def echo(request: httpx2.Request) -> httpx2.Response:
        names = ("x-forwarded-for", "x-forwarded-host")
        return httpx2.Response(200, text=" ".join(request.headers.get(name, "-") for name in names))

    (answer,) = await ask(echo, "GET", "/stations/2102-1/")

    assert answer.text == "127.0.0.1 front"
