"""What an error page says, by code: a title and what to do. The error's own sentence stands beside it.

Must not know requests or templates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from graph.errors import Code
from graph.message import Message


@dataclass(frozen=True, slots=True)
class Told:
    """`title` says what happened, `advice` what to do; `field` is the form field it belongs to."""

    title: Message
    advice: Message
    field: str | None = None


ERRORS: Final[dict[Code, Told]] = {
    Code.BAD_INPUT: Told(
        Message("Something in the form is not as expected"), Message("Check what you wrote. The sentence above names the place.")
    ),
    Code.UNKNOWN_COUNTRY: Told(Message("This is not the code of a country"), Message("Choose the country from the list."), "country"),
    Code.UNKNOWN_TOPIC: Told(
        Message("This topic is not on record"), Message("Leave the topics out: they are read from the text."), "topics"
    ),
    Code.UNKNOWN_NEED: Told(Message("This need is not on record"), Message("Choose one from the list of needs, or write your own.")),
    Code.NOT_FOUND: Told(Message("This address led nowhere"), Message("The record may have moved: search for it.")),
    Code.TEXT_EMPTY: Told(Message("Write what you need"), Message("Two or three sentences are enough, in any language."), "text"),
    Code.TEXT_TOO_LONG: Told(
        Message("The text is too long"), Message("Say what should change, for whom, and what exists already."), "text"
    ),
    Code.TEXT_NOT_UNDERSTOOD: Told(
        Message("The text is in no language that we know"), Message("Write a whole sentence, in any language."), "text"
    ),
    Code.DATE_IN_FUTURE: Told(
        Message("The date is in the future"), Message("Give a day up to today, or none to use everything that is known."), "as_of"
    ),
    Code.CONTRADICTORY_INPUT: Told(
        Message("Two entries contradict each other"), Message("Change one of them. The sentence above names both.")
    ),
    Code.BAD_CURSOR: Told(Message("This place in the list no longer exists"), Message("Go back to the start of the list.")),
    Code.PAGE_SIZE: Told(Message("This page would be too long"), Message("Ask for fewer records at a time.")),
    Code.BODY_TOO_LARGE: Told(Message("The request is too large"), Message("Send less in one request.")),
    Code.MALFORMED_REQUEST: Told(Message("This request is not as expected"), Message("Go back and try again.")),
    **dict.fromkeys(
        (Code.METHOD_NOT_ALLOWED, Code.UNSUPPORTED_MEDIA_TYPE, Code.NOT_ACCEPTABLE),
        Told(Message("This request is not as expected"), Message("Go back and try again.")),
    ),
    Code.UNAUTHENTICATED: Told(Message("This token is not valid"), Message("Send a valid token, or none to see what everybody sees.")),
    Code.RATE_LIMITED: Told(Message("Too many requests came from your address"), Message("Try again in a minute.")),
    **dict.fromkeys(
        (Code.PERSISTED_QUERY_NOT_FOUND, Code.DOCUMENT_NOT_TRUSTED),
        Told(Message("This query is none of those that are answered here"), Message("Use the pages, or ask who runs this site to add it.")),
    ),
    Code.GRAPHQL_SYNTAX: Told(Message("The query is not GraphQL"), Message("Mend it at the place named above.")),
    Code.GRAPHQL_INVALID: Told(Message("The query does not fit the schema"), Message("Mend it at the place named above.")),
    Code.TOO_COMPLEX: Told(Message("The query asks for too much"), Message("Ask for fewer records or fewer levels.")),
    Code.DATABASE_UNAVAILABLE: Told(Message("The database does not answer"), Message("It is being started again. Try again in a minute.")),
    Code.DATABASE_TIMEOUT: Told(Message("The answer took too long"), Message("Try again, or ask for less.")),
    Code.MODEL_LOADING: Told(Message("The network is starting"), Message("Search works; matching follows in about a minute.")),
    Code.MODEL_UNAVAILABLE: Told(Message("Matching is not available now"), Message("Search by words works. Try matching again later.")),
    Code.SCHEMA_NOT_READY: Told(Message("The network is being filled"), Message("Try again in a minute.")),
    Code.INTERNAL: Told(
        Message("Something went wrong on our side"), Message("Try again in a minute. What you wrote is kept in the address.")
    ),
}
SERVER: Final = Told(Message("The database server is not ready"), Message("Try again in a minute."))


def told(code: Code) -> Told:
    return ERRORS.get(code, SERVER)
