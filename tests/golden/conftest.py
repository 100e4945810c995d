"""Golden files: what a builder makes is compared with a file beside the test, to the letter."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="Write the golden files anew: read the difference before you commit it.")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compares a text with the golden file of that name, or writes it with `pytest tests/golden --update-golden`."""

    def compare(name: str, text: str) -> None:
        path = FOLDER / name
        # The option is there only when this folder is named on the command line.
        if request.config.getoption("--update-golden", default=False):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        expected = path.read_text(encoding="utf-8") if path.exists() else ""
        assert text == expected, f"{path.name} differs. If that is meant: pytest tests/golden --update-golden"

    return compare
