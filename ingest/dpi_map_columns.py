"""The three tables of the DPI Map: their columns and what these tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the three tables: its columns, and what its systems are called and are about."""

    key: str
    name: str
    status: str
    noun: str
    wanted: str
    topics: tuple[str, ...]
    facts: Mapping[str, str]
    """What a column that says yes tells, by column."""


KINDS: Final = (
    Kind(
        "identity",
        "Digital ID name",
        "Status of Implementation",
        "digital identity",
        "a digital identity for its people",
        ("national-id", "digital-identity"),
        {
            "Collects or uses biometric data": "biometric data",
            "ID or Civil Registry Act": "a law on identity or civil registration",
            "Regulation for digital ID": "a regulation for digital identity",
            "Digital authentication function": "authentication online",
            "Enables KYC packet collection": "customer checks",
            "Authentication through government portal": "authentication through the government portal",
            "Codified digital ID legal status": "legal status of the digital identity",
            "Terms of data storage and sharing available": "published terms of data storage and sharing",
            "National Data Protection Act": "a data protection law",
            "Procedural rules for digital ID enrolment": "rules for enrolment",
            "Data leak disclosure process": "a process for disclosing data leaks",
            "ID data handling terms": "terms for handling identity data",
            "Two or more sectoral use cases enabled": "use in two or more sectors",
        },
    ),
    Kind(
        "payment",
        "Payment system name",
        "Status of Implementation",
        "payment system",
        "a real-time payment system",
        ("digital-payments",),
        {
            "Active real-time payment system present": "payments in real time",
            "Cross-border payments": "payments across borders",
            "Interoperability policy": "a policy of interoperability",
            "Bank participation": "participation of banks",
            "Non-bank participation": "participation of non-banks",
            "Participation conditions and rules": "published conditions of participation",
            "Data-handing rules for payment system": "rules for handling data",
            "Reporting forum": "a place to report problems",
            "AML Law": "a law against money laundering",
            "QR code based transactions": "payments by QR code",
        },
    ),
    Kind(
        "exchange",
        "Data exchange system name",
        "Status of implementation",
        "data exchange system",
        "a data exchange between public bodies",
        ("data-exchange",),
        {
            "Semantic interoperability": "shared semantics",
            "Real-time sharing": "sharing in real time",
            "Scalable technology architecture": "an architecture that scales",
            "Enrolment and participation information": "published information on taking part",
            "Audit mechanism": "an audit mechanism",
            "Procedural rules for data mgmt.": "rules for managing data",
            "Used by more than one public entity": "use by more than one public body",
            "Impact metrics": "figures of its effect",
        },
    ),
)
# Topics that a kind of transaction adds.
TRANSACTIONS: Final = {"G2P": "government-to-person-payments", "P2G": "government-revenue-payments", "B2G": "government-revenue-payments"}
# Software that rows name, by its row in the registry of digital public goods or the atlas.
PLATFORMS: Final = {"X-Road": "x-road", "MOSIP": "modular-open-source-identity-platform"}
# Columns whose text is told as it is.
DETAILS: Final = {
    "Base technical architecture": "architecture",
    "Sector-specific / Cross-sectoral": "sectors",
    "Payment system type": "type",
    "Types of transactions supported": "transactions",
    "Type of settlement system": "settlement",
    "Operator": "operator",
    "Number of participants": "participants",
    "Annual value of transactions (USD)": "value of transactions a year in US dollars",
    "Annual volume of transactions": "number of transactions a year",
    "Ownership": "ownership",
    "Permitted participants": "open to",
    "Coordination unit": "coordination",
    "Legally binding redress mechanism": "redress",
    "Funding organizations identified": "funding",
    "Technical support organizations identified": "technical support",
}
