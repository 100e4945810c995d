"""Settings that name addresses are checked when they are read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from graph.errors import Code, NetworkError
from graph.settings import settings


@pytest.fixture(autouse=True)
def _read_anew() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.mark.parametrize("value", ["127.0.0.1", "10.0.0.0/8, ::1", "10.1.2.3/8", "2001:db8::/32"])
def test_proxies_are_addresses_and_networks(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("GCIO_PROXIES", value)

    assert settings().proxies == value


def test_no_proxy_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCIO_PROXIES", "")

    assert settings().proxies is None


@pytest.mark.parametrize("value", ["", "*", "https://cio.example.org", "http://localhost:3000, https://cio.example.org/"])
def test_origins_are_schemes_with_hosts(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("GCIO_ORIGINS", value)

    assert settings().origins == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GCIO_PROXIES", "proxy.example.org"),
        ("GCIO_PROXIES", "10.0.0.0/8, 300.1.1.1"),
        ("GCIO_ORIGINS", "cio.example.org"),
        ("GCIO_ORIGINS", "https://cio.example.org/path"),
        ("GCIO_ORIGINS", "ftp://cio.example.org"),
        ("GCIO_MAX_COST", "many"),
        ("GCIO_RATE", "-1"),
    ],
)
def test_what_cannot_be_used_is_told_with_the_variable(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(NetworkError) as caught:
        settings()

    assert caught.value.code is Code.BAD_INPUT
    assert name in caught.value.message
