"""Takes the pictures of the README from a network that runs: `python -m tests.tools.screenshots [ADDRESS]`.

They show the islands at work and the fonts of this machine, so take them where Noto Sans and Noto Serif are installed.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from playwright.sync_api import sync_playwright

from tests.tools.ensure_chromium import find_chromium

IMAGES: Final = Path(__file__).parents[2] / "docs" / "images"
USUAL: Final = "http://127.0.0.1:8600"
WIDTH: Final = 1120
PATIENCE_MS: Final = 120_000
MOST_BYTES: Final = 200_000
NEED: Final = {"country": "KHM", "text": "We want to link the civil registration and identity registers"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A page from its top, `height` pixels of it."""

    name: str
    address: str
    height: int


PICTURES: Final = (
    Picture("match", "/match?" + urlencode(NEED), 1120),
    Picture("countries", "/countries?show=egdi", 970),
    Picture("board", "/board?provider=organization%3Aworld-bank", 1000),
)


def take(address: str, pictures: tuple[Picture, ...] = PICTURES, folder: Path = IMAGES) -> dict[str, int]:
    """Sizes in bytes of the files that were written, by the picture's name. Raises RuntimeError where a page does not come."""
    sizes = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": 900}, color_scheme="light", reduced_motion="reduce")
        page.set_default_timeout(PATIENCE_MS)
        for picture in pictures:
            response = page.goto(address + picture.address + "&lang=en")
            if response is None or not response.ok:
                raise RuntimeError(f"{picture.address} answers {response and response.status}: is the network at {address} ready?")
            page.locator("html[data-islands]").wait_for(state="attached")
            clip = {"x": 0.0, "y": 0.0, "width": float(WIDTH), "height": float(picture.height)}
            sizes[picture.name] = len(page.screenshot(path=folder / f"{picture.name}.png", full_page=True, clip=clip))  # type: ignore[arg-type]  # Playwright's own dictionary
        browser.close()
    return sizes


def main() -> int:
    sizes = take(sys.argv[1] if len(sys.argv) > 1 else USUAL)
    for name, size in sizes.items():
        print(f"{name}.png: {size // 1000} kB{'' if size <= MOST_BYTES else ', more than the README should carry: lower its height'}")  # noqa: T201 - a command
    return int(any(size > MOST_BYTES for size in sizes.values()))


if __name__ == "__main__":
    sys.exit(main())
