"""What countries are compared by, and how much each measure weighs. `docs/peers.md` explains them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Measure(StrEnum):
    """What countries are compared by."""

    POPULATION = "POPULATION"
    INCOME = "INCOME"
    ONLINE_SERVICES = "ONLINE_SERVICES"
    HUMAN_CAPITAL = "HUMAN_CAPITAL"
    CONNECTIVITY = "CONNECTIVITY"
    CORE_SYSTEMS = "CORE_SYSTEMS"
    SERVICE_DELIVERY = "SERVICE_DELIVERY"
    CITIZEN_ENGAGEMENT = "CITIZEN_ENGAGEMENT"
    GOVTECH_ENABLERS = "GOVTECH_ENABLERS"
    LANGUAGES = "LANGUAGES"
    REGION = "REGION"


WEIGHTS: Final[Mapping[Measure, float]] = {
    Measure.POPULATION: 1.0,
    Measure.INCOME: 1.0,
    Measure.ONLINE_SERVICES: 0.5,
    Measure.HUMAN_CAPITAL: 0.5,
    Measure.CONNECTIVITY: 1.0,
    Measure.CORE_SYSTEMS: 0.25,
    Measure.SERVICE_DELIVERY: 0.25,
    Measure.CITIZEN_ENGAGEMENT: 0.25,
    Measure.GOVTECH_ENABLERS: 0.25,
    Measure.LANGUAGES: 1.0,
    Measure.REGION: 1.0,
}
"""Parts of one index share what one measure weighs, so that an index of four parts does not count four times."""
LARGEST_WEIGHT: Final = 100.0
