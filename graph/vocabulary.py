"""Closed lists of values, in the field's terms. The model, the starter data, GraphQL enums and the pages use these names."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from graph.message import Message

UN_LANGUAGES: Final = ("en", "ar", "es", "fr", "ru", "zh")


class Language(StrEnum):
    """The six official languages of the United Nations."""

    EN = "en"
    AR = "ar"
    ES = "es"
    FR = "fr"
    RU = "ru"
    ZH = "zh"


class UnStatus(StrEnum):
    """Standing with the United Nations."""

    MEMBER = "MEMBER"
    OBSERVER = "OBSERVER"
    NONE = "NONE"


class IncomeGroup(StrEnum):
    """World Bank income groups."""

    LOW = "LOW"
    LOWER_MIDDLE = "LOWER_MIDDLE"
    UPPER_MIDDLE = "UPPER_MIDDLE"
    HIGH = "HIGH"


class CountryGroupKind(StrEnum):
    """What makes a country group."""

    REGION = "REGION"
    SUBREGION = "SUBREGION"
    INCOME = "INCOME"
    DEVELOPMENT = "DEVELOPMENT"
    ORGANIZATION = "ORGANIZATION"
    LENDING = "LENDING"


class GovTechGroup(StrEnum):
    """Groups of the World Bank GovTech Maturity Index, A is the most mature."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class OrganizationKind(StrEnum):
    """What kind of organisation it is."""

    GOVERNMENT = "GOVERNMENT"
    MULTILATERAL = "MULTILATERAL"
    BILATERAL_AGENCY = "BILATERAL_AGENCY"
    DEVELOPMENT_BANK = "DEVELOPMENT_BANK"
    NGO = "NGO"
    ACADEMIA = "ACADEMIA"
    PRIVATE = "PRIVATE"
    FOUNDATION = "FOUNDATION"
    NETWORK = "NETWORK"
    OTHER = "OTHER"


class PostRole(StrEnum):
    """The part of a post in the network."""

    CIO = "CIO"
    FOCAL_POINT = "FOCAL_POINT"
    SECRETARIAT = "SECRETARIAT"
    CONTACT = "CONTACT"


class ProjectStatus(StrEnum):
    """Where a project stands."""

    PIPELINE = "PIPELINE"
    ACTIVE = "ACTIVE"
    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"


class DatePrecision(StrEnum):
    """How exact a date is."""

    DAY = "DAY"
    YEAR = "YEAR"


class OfferKind(StrEnum):
    """The four kinds of help that the Seoul Communiqué (2012) names."""

    POLICY_SUPPORT = "POLICY_SUPPORT"
    TECHNOLOGY_SUPPORT = "TECHNOLOGY_SUPPORT"
    CAPACITY_BUILDING = "CAPACITY_BUILDING"
    HUMAN_EXCHANGE = "HUMAN_EXCHANGE"


class Delivery(StrEnum):
    """How help is given."""

    ONLINE = "ONLINE"
    ON_SITE = "ON_SITE"
    BLENDED = "BLENDED"
    ABROAD = "ABROAD"


class Instrument(StrEnum):
    """The form in which money is given."""

    GRANT = "GRANT"
    LOAN = "LOAN"
    BLENDED = "BLENDED"
    TECHNICAL_ASSISTANCE = "TECHNICAL_ASSISTANCE"


class Applicant(StrEnum):
    """Who may apply to a funding window."""

    GOVERNMENT = "GOVERNMENT"
    NGO = "NGO"
    ACADEMIA = "ACADEMIA"
    PRIVATE = "PRIVATE"
    MULTILATERAL = "MULTILATERAL"


class NeedStatus(StrEnum):
    """Whether a need is still open."""

    OPEN = "OPEN"
    MET = "MET"
    WITHDRAWN = "WITHDRAWN"


class Visibility(StrEnum):
    """Who may see a record: everybody, members, or only those who write for its owner."""

    PUBLIC = "PUBLIC"
    MEMBERS = "MEMBERS"
    MASKED = "MASKED"


LEVELS: Final = {Visibility.PUBLIC.value: 0, Visibility.MEMBERS.value: 1, Visibility.MASKED.value: 2}
"""What links repeat instead of their record's visibility: a small number is read in half the time of a text. They are stored, so none may ever mean another."""


class Because(StrEnum):
    """Why one of two statements is displayed: the other is said for want of better, it is kept by hand, of higher rank, later, or was first."""

    MEANT = "MEANT"
    BY_HAND = "BY_HAND"
    RANK = "RANK"
    LATER = "LATER"
    FIRST = "FIRST"


class TokenRole(StrEnum):
    """What the bearer of a token is to the network."""

    MEMBER = "MEMBER"


class PartnershipState(StrEnum):
    """How far a partnership got."""

    PROPOSED = "PROPOSED"
    AGREED = "AGREED"
    DELIVERING = "DELIVERING"
    DONE = "DONE"


class PartnershipRole(StrEnum):
    """The part of a party in a partnership."""

    RECIPIENT = "RECIPIENT"
    PROVIDER = "PROVIDER"
    FUNDER = "FUNDER"


class MatchState(StrEnum):
    """How far a kept match got."""

    PROPOSED = "PROPOSED"
    INTRODUCED = "INTRODUCED"
    AGREED = "AGREED"
    DELIVERING = "DELIVERING"
    DONE = "DONE"
    DECLINED = "DECLINED"


class RejectionState(StrEnum):
    """Whether a row that was set aside still waits for a fix."""

    OPEN = "OPEN"
    TAKEN = "TAKEN"


class MergeState(StrEnum):
    """What became of two records that may be one."""

    OPEN = "OPEN"
    MERGED = "MERGED"
    DISTINCT = "DISTINCT"


class CommitmentState(StrEnum):
    """Whether a commitment was kept."""

    OPEN = "OPEN"
    FULFILLED = "FULFILLED"
    LAPSED = "LAPSED"


HELP: Final[Mapping[str, Message]] = {
    "POLICY_SUPPORT": Message("Policy support"),
    "TECHNOLOGY_SUPPORT": Message("Technology support"),
    "CAPACITY_BUILDING": Message("Capacity building"),
    "HUMAN_EXCHANGE": Message("Exchange of people"),
}
"""The kinds of offers in words."""
INSTRUMENTS: Final[Mapping[str, Message]] = {
    "GRANT": Message("Grant"),
    "LOAN": Message("Loan"),
    "BLENDED": Message("Grant and loan"),
    "TECHNICAL_ASSISTANCE": Message("Technical assistance"),
}
"""The instruments of funding windows in words."""
