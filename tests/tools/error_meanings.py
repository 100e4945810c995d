"""What each error code means and what to do about it, for docs/errors.md. A code without an entry fails a test."""

from __future__ import annotations

from typing import Final

from graph.errors import Code

MEANINGS: Final[dict[Code, tuple[str, str]]] = {
    Code.BAD_INPUT: (
        "An argument, a setting or a file has a value that cannot be used; the message names it.",
        "Correct it as the hint says.",
    ),
    Code.UNKNOWN_COUNTRY: (
        "The country is not an ISO 3166-1 alpha-3 code that the network knows.",
        "Take one of the codes in `allowed`, or look it up among the countries.",
    ),
    Code.UNKNOWN_TOPIC: ("There is no topic with this id.", "Take one of the ids in `allowed`, or an id from `topics`."),
    Code.UNKNOWN_NEED: (
        "There is no need with this id that you may see.",
        "Take an id from `needs`, or describe the need in words.",
    ),
    Code.NOT_FOUND: ("There is no record or page at this address that you may see.", "Check the address, or search for the record."),
    Code.TEXT_EMPTY: ("The text of a need or a search is empty.", "Describe in a sentence what should change, and for whom."),
    Code.TEXT_TOO_LONG: (
        "The text is longer than `GCIO_MAX_TEXT` allows.",
        "Shorten it to what should change, for whom, and what exists already.",
    ),
    Code.TEXT_NOT_UNDERSTOOD: (
        "The text is in no language that the network recognises.",
        "Write a sentence, or say which language it is in.",
    ),
    Code.DATE_IN_FUTURE: ("A date that must have passed lies in the future.", "Give a day up to today, or leave it out."),
    Code.CONTRADICTORY_INPUT: (
        "Two arguments exclude each other, or one needs another that is missing.",
        "Give only those that the hint names.",
    ),
    Code.BAD_CURSOR: (
        "The cursor is damaged or belongs to another list or another order.",
        "Take a cursor of the page you have, or begin again without one.",
    ),
    Code.PAGE_SIZE: ("More records were asked for at once than `GCIO_MAX_PAGE` allows.", "Ask for fewer and page on with the cursor."),
    Code.BODY_TOO_LARGE: (
        "The request is larger than `GCIO_MAX_BODY` allows.",
        "Send less in one request, or raise the setting on a server of your own.",
    ),
    Code.MALFORMED_REQUEST: (
        "The request is not what this address takes: not JSON, no `query`, a batch where none is taken.",
        "Send `POST` with `content-type: application/json` and an object that has `query`.",
    ),
    Code.METHOD_NOT_ALLOWED: (
        "The address does not take this method, or the operation cannot be sent with `GET`.",
        "Send changes with `POST` and a JSON body.",
    ),
    Code.UNSUPPORTED_MEDIA_TYPE: (
        "The body is not JSON in UTF-8 by its `content-type`: a form, multipart, another charset.",
        "Send `content-type: application/json`.",
    ),
    Code.NOT_ACCEPTABLE: (
        "`Accept` takes none of the media types that can be sent.",
        "Accept `application/graphql-response+json` or `application/json`.",
    ),
    Code.RATE_LIMITED: (
        "More requests came from one address than `GCIO_RATE` allows in a minute.",
        "Wait as long as `Retry-After` says, and spread requests out.",
    ),
    Code.PERSISTED_QUERY_NOT_FOUND: (
        "No trusted document has this hash.",
        "Send the document itself, or have it added to the manifest that `GCIO_DOCUMENTS` names.",
    ),
    Code.DOCUMENT_NOT_TRUSTED: (
        "This server answers trusted documents alone (`GCIO_TRUSTED_ONLY`), and the document is none.",
        "Ask one by its `documentId`, or have yours added.",
    ),
    Code.GRAPHQL_SYNTAX: ("The GraphQL document cannot be parsed; the message has line and column.", "Correct the document there."),
    Code.GRAPHQL_INVALID: (
        "The GraphQL document does not fit the schema, or a variable does not fit its type.",
        "Compare it with the schema that the query editor shows.",
    ),
    Code.TOO_COMPLEX: (
        "The operation is over one of the limits in `docs/limits.md`; `details` has its name, what was found and what is allowed.",
        "Ask for fewer levels or smaller pages, or split it into several operations.",
    ),
    Code.INVALID_RECORD: (
        "A record does not fit the model; nothing of it was written.",
        "Correct the field that the message names; `docs/model.md` has the allowed values.",
    ),
    Code.FIELD_REQUIRED: ("A field that a record needs is left out or empty.", "Give a value."),
    Code.VALUE_MALFORMED: (
        "A value has the wrong form: not a date, an address on the web, a language tag or an id of the right kind, or it has control characters.",
        "Correct it as the hint says.",
    ),
    Code.VALUE_NOT_ALLOWED: ("A value is not in the closed list of its field.", "Take one of those in `allowed`."),
    Code.VALUE_OUT_OF_RANGE: ("A number is too small or too large.", "Stay in the range in `allowed`."),
    Code.UNKNOWN_RECORD: ("An id leads to no record that you may see.", "Take an id as other fields give it; `allowed` has the nearest."),
    Code.VERSION_CONFLICT: (
        "The record was changed since you read it: its `version` is not your `expectedVersion`.",
        "Read the record again, look at what changed, and send the mutation with its version of now.",
    ),
    Code.RECORD_WITHDRAWN: ("The record was withdrawn, and what is withdrawn does not change any more.", "Create a new record."),
    Code.IDEMPOTENCY_KEY_REUSED: (
        "The `idempotencyKey` was used before, for another mutation or another input.",
        "Send the same input again, or take a new key.",
    ),
    Code.UNAUTHENTICATED: (
        "The token is wrong, has ended or was revoked; or there is none, and the operation needs one.",
        "Send `Authorization: Bearer …` with a token of `gcio token create`.",
    ),
    Code.FORBIDDEN: (
        "The token writes for one country or organisation, and the record is another's.",
        "Use a token of the record's owner, or one for all.",
    ),
    Code.ORIGIN_REFUSED: (
        "A page of another site tried to open a WebSocket.",
        "Open it from a page of the same site, or name the other one in `GCIO_ORIGINS`.",
    ),
    Code.SUBSCRIPTION_LAGGING: (
        "A client did not read what was sent to it within `GCIO_STREAM_PATIENCE`, and was closed.",
        "Read faster or filter more, and go on with `after`: the log keeps everything.",
    ),
    Code.SUBSCRIPTION_LIMIT: (
        "More streams than `GCIO_STREAMS`, or more operations on one WebSocket than `GCIO_STREAM_OPERATIONS`.",
        "Complete one, or try again later.",
    ),
    Code.INGEST_BUSY: ("Another run of the same source is under way.", "Wait for it to end, then start again: nothing was read twice."),
    Code.INGEST_BAD_FILE: (
        "A file or archive cannot be read: it is damaged, too large when unpacked, or would write outside its folder.",
        "Fetch it again, or unpack and look at it yourself.",
    ),
    Code.INGEST_FETCH_FAILED: (
        "An address could not be read after several attempts.",
        "Try again later: what has arrived is kept and the download goes on from there.",
    ),
    Code.INGEST_ADDRESS_REFUSED: (
        "The address is not `https://`, or lies inside a private network.",
        "Take a public `https://` address; set `GCIO_INGEST_PRIVATE` where the address is yours and meant.",
    ),
    Code.INGEST_TOO_MANY_REJECTED: (
        "Three rows in ten, or more, of a file are bad: it is probably another file than the source says.",
        "Look at `gcio ingest rejected`; run again with `--accept-bad-rows` where the good rows are wanted all the same.",
    ),
    Code.DATABASE_UNAVAILABLE: (
        "The database does not answer, or refuses user and password.",
        "Try again in a few seconds; if it stays, check `GCIO_NEO4J_URI`, `GCIO_NEO4J_USER` and `GCIO_NEO4J_PASSWORD_FILE`.",
    ),
    Code.DATABASE_TIMEOUT: (
        "The database ended the question after `GCIO_QUERY_TIMEOUT` seconds.",
        "Ask for less: fewer records, fewer levels, a narrower filter.",
    ),
    Code.RANKING_UNDER_WAY: (
        "Many needs have to be ranked for an assignment, and that takes longer than an answer waits.",
        "Ask the same again after `retryAfter` seconds: the ranking goes on, and what is ranked is kept until the graph changes.",
    ),
    Code.MODEL_LOADING: ("The embedding model is still loading.", "Try again in a few seconds."),
    Code.MODEL_UNAVAILABLE: (
        "The embedding model or its server cannot be used.",
        "Check `GCIO_MODEL`, `GCIO_MODEL_CACHE` and `GCIO_EMBEDDING_URL`; unset them to use the default model.",
    ),
    Code.SERVER_FETCH_FAILED: (
        "The program files of the embedded Neo4j could not be fetched, or one is not the file that was expected.",
        "Check the network and start again: only missing files are fetched. Or set `GCIO_NEO4J_URI` to a Neo4j that runs elsewhere.",
    ),
    Code.SERVER_PORT_BUSY: (
        "No port could be had for the web server or the embedded Neo4j.",
        "Free the port, or set `GCIO_PORT` to another one or to 0.",
    ),
    Code.SERVER_DISK_FULL: (
        "The disk that holds the data or the program files is too full.",
        "Free some space, or set `GCIO_HOME` or `GCIO_NEO4J_CACHE` to a folder on another disk.",
    ),
    Code.SERVER_STORE_LOCKED: (
        "Another process uses this database.",
        "End the process that the message names, or set `GCIO_HOME` to another folder.",
    ),
    Code.SERVER_STORE_NEWER: (
        "A newer version wrote this database.",
        "Install the newer version again, or set `GCIO_HOME` to another folder and restore a backup of this version there.",
    ),
    Code.SERVER_PLATFORM: (
        "The embedded Neo4j does not run on this system.",
        "Set `GCIO_NEO4J_URI` and `GCIO_NEO4J_PASSWORD_FILE` to a Neo4j that runs elsewhere, for example in a container.",
    ),
    Code.SERVER_START_FAILED: (
        "The embedded Neo4j did not start, or its database could not be saved or restored.",
        "Read the log that the message names.",
    ),
    Code.SERVER_NOT_RUNNING: ("There is no running database, or none yet in this folder.", "Start it once, or correct `GCIO_HOME`."),
    Code.SCHEMA_NOT_READY: (
        "Constraints, indexes, migrations or vectors that this version needs are missing.",
        "Run `gcio migrate`, or start with `gcio up`, which brings the database up to date by itself.",
    ),
    Code.MIGRATION_CHANGED: (
        "A migration was applied with another text than this version ships.",
        "Install the version that wrote the database, or restore a backup. Never edit an applied migration: add a new one.",
    ),
    Code.INTERNAL: ("A fault of ours.", "Report it with the message; the log has the cause."),
}
