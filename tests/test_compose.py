"""Holds the container set-up to its promises: one pinned Neo4j, no password in any file, loopback only, health checks, volumes."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from graph.settings import Settings

ROOT = Path(__file__).parents[1]
SECRET = "/run/secrets/neo4j_password"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def dockerfile() -> str:
    return (ROOT / "Dockerfile").read_text(encoding="utf-8")


def strings(value: object) -> list[str]:
    match value:
        case dict():
            return [text for part in (*value.keys(), *value.values()) for text in strings(part)]
        case list():
            return [text for part in value for text in strings(part)]
        case _:
            return [str(value)]


def test_the_image_is_the_neo4j_of_the_lock_file(compose: dict[str, Any]) -> None:
    lock = tomllib.loads((ROOT / "graph" / "neo4j.lock.toml").read_text(encoding="utf-8"))
    [version] = {d["version"] for d in lock["dependencies"] if (d["groupId"], d["artifactId"]) == ("org.neo4j", "neo4j")}
    assert compose["services"]["neo4j"]["image"] == f"neo4j:{version}-community"


def test_the_password_comes_from_one_secret_file(compose: dict[str, Any]) -> None:
    assert compose["secrets"] == {"neo4j_password": {"file": "./secrets/neo4j_password"}}
    for service in compose["services"].values():
        assert service["secrets"] == ["neo4j_password"]
    app = compose["services"]["app"]["environment"]
    assert app["GCIO_NEO4J_PASSWORD_FILE"] == SECRET
    assert "NEO4J_AUTH" not in compose["services"]["neo4j"]["environment"]


def test_no_file_holds_a_password(compose: dict[str, Any], dockerfile: str) -> None:
    given = [
        match[1]
        for text in (*strings(compose), dockerfile)
        for match in re.finditer(r"(?:PASSWORD|AUTH|TOKEN|SECRET)\w*\s*[=:]\s*[\"']?([^\s\"']+)", text, re.IGNORECASE)
    ]
    allowed = ("$$(", "neo4j/$$(", "/run/secrets/")
    assert [value for value in given if not value.startswith(allowed)] == []
    for service in compose["services"].values():
        for name, value in service["environment"].items():
            if re.search("PASSWORD|AUTH|TOKEN|SECRET", name):
                assert value == SECRET


def test_the_secret_is_never_committed() -> None:
    assert (ROOT / "secrets" / ".gitignore").read_text(encoding="utf-8").splitlines()[-2:] == ["*", "!.gitignore"]
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[0] == "*"
    assert "!secrets" not in ignored


@pytest.mark.parametrize("content", [None, ""])
def test_a_missing_secret_is_told_clearly(compose: dict[str, Any], tmp_path: Path, content: str | None) -> None:
    [script] = compose["services"]["neo4j"]["command"]
    secret = tmp_path / "neo4j_password"
    if content is not None:
        secret.write_text(content)
    ran = subprocess.run(
        ["bash", "-c", script.replace("$$", "$").replace(SECRET, str(secret))], capture_output=True, text=True, timeout=30, check=False
    )
    assert ran.returncode == 1
    assert ran.stderr == "secrets/neo4j_password is missing or empty: docs/deployment.md tells how to make it.\n"


def test_the_database_gets_the_password_of_the_file(compose: dict[str, Any], tmp_path: Path) -> None:
    [script] = compose["services"]["neo4j"]["command"]
    secret = tmp_path / "neo4j_password"
    secret.write_text("correct horse\r\n")
    tini = tmp_path / "tini"
    tini.write_text('#!/bin/sh\necho "$NEO4J_AUTH" "$@"\n')
    tini.chmod(0o755)
    ran = subprocess.run(
        ["bash", "-c", f"PATH={tmp_path}:$PATH\n" + script.replace("$$", "$").replace(SECRET, str(secret))],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert ran.stdout == "neo4j/correct horse -g -- /startup/docker-entrypoint.sh neo4j\n"


def test_ports_are_open_on_loopback_only(compose: dict[str, Any]) -> None:
    assert "ports" not in compose["services"]["neo4j"]
    assert compose["services"]["app"]["ports"] == ["127.0.0.1:8600:8600"]
    assert compose["networks"]["database"] == {"internal": True}
    assert compose["services"]["neo4j"]["networks"] == ["database"]


def test_both_services_are_watched_and_start_in_order(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert {"test", "interval", "timeout", "retries", "start_period"} <= service["healthcheck"].keys()
        assert service["restart"] == "unless-stopped"
    assert "cypher-shell" in compose["services"]["neo4j"]["healthcheck"]["test"][1]
    assert "/healthz" in compose["services"]["app"]["healthcheck"]["test"][-1]
    assert compose["services"]["app"]["depends_on"] == {"neo4j": {"condition": "service_healthy"}}


def test_data_is_on_named_volumes(compose: dict[str, Any]) -> None:
    used = {mount.partition(":")[0] for service in compose["services"].values() for mount in service["volumes"]}
    assert used == set(compose["volumes"])
    assert "neo4j-data:/data" in compose["services"]["neo4j"]["volumes"]


def test_the_image_runs_as_its_own_user_and_is_watched(dockerfile: str) -> None:
    final = dockerfile.rpartition("\nFROM ")[2]
    assert dockerfile.count("\nFROM python:3.13-slim") == 2
    assert re.search(r"^USER (?!root\b|0\b)\w+$", final, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK .*\n.*/healthz", final, re.MULTILINE)
    assert "--torch-backend=cpu" in dockerfile


def test_every_setting_in_the_containers_exists(compose: dict[str, Any], dockerfile: str) -> None:
    known = {f"GCIO_{name.upper()}" for name in Settings.model_fields}
    named = set(re.findall(r"GCIO_[A-Z0-9_]+", dockerfile + "\n".join(strings(compose))))
    assert named - known == set()
