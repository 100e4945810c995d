"""`make run` and `make test` install what they need, once; shown with `make -n`, which runs nothing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder in which everything is installed already."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    binaries = tmp_path / ".venv" / "bin"
    binaries.mkdir(parents=True)
    made = [tmp_path / "pyproject.toml", tmp_path / "constraints.txt", binaries / "python", binaries / "uv"]
    made += [tmp_path / ".venv" / ".installed-runtime", tmp_path / ".venv" / ".installed-dev"]
    (tmp_path / "web" / "islands" / "dist").mkdir(parents=True)
    made.append(tmp_path / "web" / "islands" / "dist" / ".built")
    for age, path in enumerate(made):
        path.touch()
        os.utime(path, (1_700_000_000 + age, 1_700_000_000 + age))
    return tmp_path


def make(project: Path, *arguments: str) -> list[str]:
    environment = {name: value for name, value in os.environ.items() if name not in {"TORCH", "PYTHON", "ARGS", "MAKEFLAGS"}}
    ran = subprocess.run(
        ["make", "-n", "--no-print-directory", *arguments],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return [" ".join(line.split()) for line in ran.stdout.splitlines()]


def test_a_second_run_installs_nothing(project: Path) -> None:
    assert make(project, "run") == ["exec .venv/bin/gcio up"]
    assert make(project, "run", "ARGS=--port 9000") == ["exec .venv/bin/gcio up --port 9000"]


def test_run_installs_no_tools_for_development(project: Path) -> None:
    (project / ".venv" / ".installed-runtime").unlink()
    lines = make(project, "run")
    assert ".venv/bin/uv pip install --compile-bytecode -p .venv/bin/python -c constraints.txt -e ." in lines
    assert not any("--group" in line for line in lines)


def test_test_installs_the_tools_for_development(project: Path) -> None:
    (project / ".venv" / ".installed-dev").unlink()
    assert ".venv/bin/uv pip install --compile-bytecode -p .venv/bin/python -c constraints.txt -e . --group dev" in make(project, "test")


@pytest.mark.parametrize("changed", ["pyproject.toml", "constraints.txt"])
def test_changed_dependencies_are_installed(project: Path, changed: str) -> None:
    (project / changed).touch()
    assert any("uv pip install" in line for line in make(project, "run"))


def test_the_small_build_of_torch_can_be_had(project: Path) -> None:
    (project / ".venv" / ".installed-runtime").unlink()
    assert ".venv/bin/uv pip install --compile-bytecode -p .venv/bin/python --torch-backend=cpu -c constraints.txt -e ." in make(
        project, "run", "TORCH=cpu"
    )


def test_islands_are_built_again_after_a_change_and_before_the_network_starts(project: Path) -> None:
    (project / "web" / "islands" / "package.json").touch()
    assert make(project, "run") == [".venv/bin/python -m web.tools.islands build", "exec .venv/bin/gcio up"]


def test_clean_keeps_the_data(project: Path) -> None:
    lines = make(project, "clean")
    assert any(line.startswith("rm -rf .venv ") for line in lines)
    assert not any("GCIO_HOME" in line or "~" in line or ".local" in line for line in lines)


def test_every_target_is_explained() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    [phony] = re.findall(r"^\.PHONY: (.+)$", text, re.MULTILINE)
    assert set(re.findall(r"^([a-z-]+):.*## \S", text, re.MULTILINE)) == set(phony.split())


def test_a_missing_python_is_told_clearly(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "constraints.txt").touch()
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("sh", "basename", "rm"):
        (tools / tool).symlink_to(shutil.which(tool) or tool)
    ran = subprocess.run(
        [shutil.which("make") or "make", "run"],
        cwd=tmp_path,
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 2
    assert "Python 3.11 or newer is needed and was not found. Install it, or name it: make run PYTHON=/path/to/python3" in ran.stderr
    assert not (tmp_path / ".venv").exists()
