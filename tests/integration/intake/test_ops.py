"""Health, queue, metrics, documentation, and the schema against the code."""

from typing import Any

from backbone.revisions import differences


async def test_ops_calls_answer(counter: Any) -> None:
    await counter.applied()

    ready = await counter.client.get("/health/ready")
    queue = (await counter.client.get("/queue")).json()
    metrics = (await counter.client.get("/metrics")).text

    assert ready.json()["status"] == "pass"
    assert (queue["depth"], queue["in_flight"], queue["dead_letters"]) == (1, 1, 0)
    assert "cetak_intake_unheard_of 1.0" in metrics


async def test_the_busy_route_is_documented_like_the_others(counter: Any) -> None:
    paths = (await counter.client.get("/openapi.json")).json()["paths"]

    post = paths["/v1/applications"]["post"]
    assert "nik" in post["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert set(paths) >= {
        "/v1/imports",
        "/v1/imports/{batch_id}",
        "/v1/applications/search",
        "/v1/applications/{application_id}/withdraw",
        "/v1/receipts/{receipt_number}",
    }


async def test_the_migrated_schema_is_the_one_in_code(counter: Any) -> None:
    assert await differences(counter.database.login) == []
