"""Finds a Chromium for the browser tests, and installs one where none is found: `python -m tests.tools.ensure_chromium`."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_APPLICATIONS = ("/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
APT_ENVIRONMENT = {"DEBIAN_FRONTEND": "noninteractive"}


def find_chromium() -> Path | None:
    """Path of a Chromium or Chrome that starts: the system's, else the one that Playwright installed."""
    return next((Path(path) for path in _candidates() if _starts(path)), None)


def _candidates() -> Iterator[str]:
    yield from (found for name in NAMES if (found := shutil.which(name)))
    yield from MAC_APPLICATIONS
    if bundled := _playwright_chromium():
        yield bundled


def _starts(path: str) -> bool:
    """Some distributions ship a `chromium-browser` that only says how to install another package."""
    if not Path(path).exists():
        return False
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _playwright_chromium() -> str:
    """Asked in a process of its own: Playwright's plain interface refuses to work where an event loop runs, as in tests."""
    script = "from playwright.sync_api import sync_playwright as p\nwith p() as q: print(q.chromium.executable_path)"
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False).stdout.strip()


def apt_can_install() -> bool:
    """Debian's `chromium` is the browser; Ubuntu's is a pointer to a snap, so only Debian counts."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    try:
        return platform.freedesktop_os_release().get("ID") == "debian"
    except OSError:
        return False


def install_commands() -> list[list[str]]:
    """What installs a Chromium here, one command after the other."""
    if apt_can_install():
        return [["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"]]
    return [[sys.executable, "-m", "playwright", "install", "chromium"]]


def main() -> int:
    if found := find_chromium():
        print(f"Browser tests use {found}.")  # noqa: T201 - this is a command
        return 0
    for command in install_commands():
        print(f"No Chromium found: {' '.join(command)}", flush=True)  # noqa: T201
        try:
            # apt-get prints several hundred lines that nobody reads unless it fails.
            quiet = command[0] == "apt-get"
            done = subprocess.run(
                command,
                env=os.environ | APT_ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if quiet else None,
                stderr=subprocess.STDOUT if quiet else None,
                text=True,
                check=False,
            )
        except OSError as error:
            return _failed(str(error))
        if done.returncode != 0:
            return _failed((done.stdout or "").strip())
    found = find_chromium()
    if found is None:
        return _failed("The installation went through, but no Chromium starts.")
    print(f"Browser tests use {found}.")  # noqa: T201
    return 0


def _failed(reason: str) -> int:
    message = (
        "The browser tests need a Chromium and none could be installed. Install one and put it on PATH "
        f"({', '.join(NAMES)}), then run `make test` again. To run the other tests: make test ARGS='-m \"not browser\"'"
    )
    print(f"{reason}\n{message}".strip(), file=sys.stderr)  # noqa: T201
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
