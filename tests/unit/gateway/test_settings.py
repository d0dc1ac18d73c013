"""Settings keep the password to themselves."""

from datacenter_gateway.settings import GatewaySettings


def test_credentials_show_nothing_in_their_text() -> None:
    settings = GatewaySettings(user_id="u-1", password="rahasia", ip_user="10.0.0.1")
    text = f"{settings!r} {settings.credentials()!r}"
    assert "rahasia" not in text


def test_the_seeded_calendars_are_the_three() -> None:
    seeds = {seed.name: seed for seed in GatewaySettings().terms().calendars}
    assert set(seeds) == {"counter", "printing", "centre"}
    assert [seed.name for seed in seeds.values() if seed.follows_holidays] == ["counter"]


async def test_the_client_follows_no_redirect() -> None:
    async with GatewaySettings().client() as client:
        assert client.follow_redirects is False
