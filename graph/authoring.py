"""What people write themselves, one record at a time: created, changed, withdrawn, through the writer's own transaction.

Everything is checked under the lock of the log, so that a version, a key or a link cannot change between check and write.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

from rapidfuzz import process, utils
from ulid import ULID

from graph.database import Database, Query, Transaction, identifier
from graph.errors import Code, NetworkError
from graph.matching.request import checked_language
from graph.model import MODEL, NodeType
from graph.mutation import Outcome, Sent, once, outdated, tidied
from graph.records import Link, Problem, Record, Value, validate
from graph.viewer import Viewer
from graph.vocabulary import Visibility
from graph.writer import store, stored_content

CLOSED: Final = frozenset(("withdrawn", "sources"))
"""Names that nobody gives: what is withdrawn is so by its own action, and a source is for what was read from one."""


class Action(StrEnum):
    """What can be done with a record."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    WITHDRAW = "WITHDRAW"


@dataclass(frozen=True, slots=True)
class Draft:
    """A record as it will be: whole values and links, the names that were given now, the day."""

    values: Mapping[str, Value]
    links: Mapping[str, Sequence[Link]]
    given: frozenset[str]
    today: date


Rule = Callable[[Draft], Iterator[Problem]]
Derive = Callable[[Draft], Mapping[str, Value]]


def nothing_derived(_draft: Draft) -> Mapping[str, Value]:
    return {}


@dataclass(frozen=True)
class Authored:
    """A type that people write. `owners` is the relationship to those whose record it is; `defaults` stand for what was left out of a new one."""

    label: str
    owners: str
    texts: tuple[str, ...]
    defaults: Callable[[date], Mapping[str, Value]]
    default_words: Mapping[str, str]
    rules: tuple[Rule, ...] = ()
    derive: Derive = nothing_derived
    withdrawal: Mapping[str, Value] = field(default_factory=lambda: {"withdrawn": True})

    @property
    def type(self) -> NodeType:
        return MODEL[self.label]


@dataclass(frozen=True, slots=True)
class Command:
    """One change that a member wants. `values` and `links` hold what was given; None and no links clear what was there."""

    kind: Authored
    action: Action
    viewer: Viewer
    values: Mapping[str, Value] = field(default_factory=dict)
    links: Mapping[str, Sequence[Link]] = field(default_factory=dict)
    record: str | None = None
    expected: int | None = None
    key: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class _Current:
    values: Mapping[str, Value]
    links: Mapping[str, Sequence[Link]]
    version: int


async def carry_out(database: Database, command: Command, *, names: Mapping[str, str], max_text: int) -> Outcome:
    """Do it, or say every reason why not. `names` are those of countries and topics by id, to suggest the nearest."""
    command = _clean(command)
    today = datetime.now(UTC).date()
    created = {} if command.action is not Action.CREATE else _new_values(command, today)
    fresh = str(ULID())

    async def work(transaction: Transaction, sequence: int) -> Outcome:
        current, stale = await _current(transaction, command)
        if stale:
            return Outcome(problems=stale)
        draft = _draft(command, current, created, today)
        key = (command.record or fresh).rpartition(":")[2]
        record = Record(command.kind.label, key, draft.values, {name: links for name, links in draft.links.items() if links})
        problems = _problems(command, current, record, draft, max_text)
        if command.action is not Action.WITHDRAW:
            problems += await _unknown_targets(transaction, command, names, {p.field for p in problems})
        if problems or command.dry_run:
            return Outcome(problems=tuple(problems))
        await store(transaction, [record], sequence, command.viewer.token or "")
        return Outcome(record.id, written=True)

    return await once(database, _sent(command), work)


def _clean(command: Command) -> Command:
    """The same with texts in one Unicode form, without spaces around them and with one kind of line end."""

    def tidy(value: Value) -> Value:
        if isinstance(value, str):
            return tidied(value)
        return [str(tidy(item) or "") for item in value] if isinstance(value, list) else value

    values = {name: tidy(value) for name, value in command.values.items()}
    if isinstance(lang := values.get("lang"), str):
        with contextlib.suppress(NetworkError):  # `_language` tells what is wrong with it
            values["lang"] = checked_language("", lang)
    return replace(command, values=values)


def _new_values(command: Command, today: date) -> dict[str, Value]:
    """What a new record gets where nothing was given: the type's defaults, and the language of its text."""
    values = dict(command.kind.defaults(today))
    if command.values.get("lang") is None:
        text = " ".join(str(command.values[name]) for name in command.kind.texts if command.values.get(name))
        try:
            values["lang"] = checked_language(text, None)
        except NetworkError:
            values["lang"] = None
    return values


def _draft(command: Command, current: _Current | None, created: Mapping[str, Value], today: date) -> Draft:
    before = current.values if current else {}
    given = {name: value for name, value in command.values.items() if not (current is None and value is None and name in created)}
    values = {**created, **before, **given}
    if command.action is Action.WITHDRAW:
        values |= command.kind.withdrawal
    links = {**(current.links if current else {}), **command.links}
    draft = Draft(values, links, frozenset((*command.values, *command.links)), today)
    return draft if command.action is Action.WITHDRAW else Draft({**values, **command.kind.derive(draft)}, links, draft.given, today)


def _problems(command: Command, current: _Current | None, record: Record, draft: Draft, max_text: int) -> list[Problem]:
    denied = _denied(command, current, record)
    if denied:
        return [denied]
    if command.action is Action.WITHDRAW:
        return []
    problems = [_unsaid(p, draft, command.kind) if p.field == "lang" else p for p in validate(record)]
    told = {p.field for p in problems}
    # A rule speaks of values of the right type only.
    problems += [
        p
        for rule in (_language, _address, _length(command.kind, max_text), *command.kind.rules)
        for p in rule(draft)
        if p.field not in told
    ]
    return problems


def _unsaid(problem: Problem, draft: Draft, kind: Authored) -> Problem:
    """A language that is missing is one that could not be told from the text."""
    if problem.code is not Code.FIELD_REQUIRED or not any(draft.values.get(name) for name in kind.texts):
        return problem
    hint = "Give the BCP 47 tag of the language that the text is written in, such as en, fr or ar."
    return replace(problem, reason="is left out and cannot be told from the text", code=Code.TEXT_NOT_UNDERSTOOD, hint=hint)


def _denied(command: Command, current: _Current | None, record: Record) -> Problem | None:
    party, owners = command.viewer.party, command.kind.owners
    if party is None:
        return None
    sides = [record.links.get(owners, ()), *([current.links.get(owners, ())] if current else [])]
    if all(party in {link.target for link in links} for links in sides if links):
        return None
    where = "id" if current and party not in {link.target for link in current.links.get(owners, ())} else owners
    hint = "Use a token of the country or organisation whose record it is, or one without a party."
    return Problem(where, record.id if current else "", f"is not {party}'s, for whom the token writes", (party,), Code.FORBIDDEN, hint)


def _language(draft: Draft) -> Iterator[Problem]:
    lang = draft.values.get("lang")
    if isinstance(lang, str):
        try:
            checked_language("", lang)
        except NetworkError as error:
            yield Problem("lang", lang[:20], "is not a language tag", (), Code.VALUE_MALFORMED, error.hint)


def _address(draft: Draft) -> Iterator[Problem]:
    url = draft.values.get("sourceUrl")
    if not isinstance(url, str):
        return
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        hint = "Give the whole address, such as https://example.org/report."
        yield Problem("sourceUrl", url[:80], "is not an address on the web", ("https://…", "http://…"), Code.VALUE_MALFORMED, hint)


def _length(kind: Authored, max_text: int) -> Rule:
    def rule(draft: Draft) -> Iterator[Problem]:
        for name in kind.texts:
            value = draft.values.get(name)
            if isinstance(value, str) and len(value) > max_text:
                yield Problem(
                    name, value[:79] + "…", f"has {len(value)} characters", (f"at most {max_text} characters",), Code.TEXT_TOO_LONG
                )

    return rule


async def _current(transaction: Transaction, command: Command) -> tuple[_Current | None, tuple[Problem, ...]]:
    """The record as it stands, where one is to be changed, and why it cannot be. What the viewer may not see is not there."""
    if command.record is None:
        return None, ()
    node_type, states = command.kind.type, []
    if command.record.partition(":")[0] == node_type.prefix:
        states = await transaction.run(record_state(node_type, command.record, command.viewer))
    for version, withdrawn, seen in states:
        current = await _stored(transaction, node_type, command.record, version)
        party = command.viewer.party
        if seen or party is None or party in {link.target for link in current.links.get(command.kind.owners, ())}:
            return current, tuple(_outdated(command, current, withdrawn))
    hint = f"Take an id from `{node_type.plural}`."
    return None, (Problem("id", command.record[:80], f"is no {node_type.label} that you may see", (), Code.NOT_FOUND, hint),)


async def _stored(transaction: Transaction, node_type: NodeType, record_id: str, version: int) -> _Current:
    [(_, values, links)] = await transaction.run(stored_content(node_type, [record_id]))
    return _Current(
        {name: _native(value) for name, value in values.items() if value is not None},
        {name: tuple(Link(target, {n: _native(v) for n, v in own.items()}) for target, own in found) for name, found in links.items()},
        version,
    )


def _outdated(command: Command, current: _Current, withdrawn: bool) -> Iterator[Problem]:
    if withdrawn:
        hint = f"Create a new {command.kind.label}."
        reason = "was withdrawn and does not change any more"
        yield Problem("id", command.record or "", reason, (), Code.RECORD_WITHDRAWN, hint)
    elif (conflict := outdated(command.expected, current.version)) is not None:
        yield conflict


async def _unknown_targets(transaction: Transaction, command: Command, names: Mapping[str, str], told: Iterable[str]) -> list[Problem]:
    """Links given now that lead to nothing the viewer may see."""
    wanted: dict[str, set[str]] = {}
    for links in command.links.values():
        for link in links:
            target = MODEL.by_prefix.get(link.target.partition(":")[0])
            if target is not None and target.exposed:
                wanted.setdefault(target.label, set()).add(link.target)
    found: set[str] = set()
    for label, ids in wanted.items():
        found |= {i for (i,) in await transaction.run(visible_ids(MODEL[label], sorted(ids), command.viewer))}
    return [
        _unknown(command, name, place, link.target, names)
        for name, links in command.links.items()
        if name not in told
        for place, link in enumerate(links)
        if link.target not in found
    ]


def _unknown(command: Command, name: str, place: int, target: str, names: Mapping[str, str]) -> Problem:
    relationship = command.kind.type.relationship(name)
    prefix, _, key = target.partition(":")
    code = {"country": Code.UNKNOWN_COUNTRY, "topic": Code.UNKNOWN_TOPIC}.get(prefix, Code.UNKNOWN_RECORD)
    # The prefix is the same in all and would make all alike.
    like = {i: f"{i.removeprefix(f'{prefix}:')} {text}" for i, text in names.items() if i.startswith(f"{prefix}:")}
    near = tuple(i for _, _, i in process.extract(key[:100], like, processor=utils.default_process, limit=3))
    where = f"{name}.{place}" if relationship.many else name
    hint = f"Give the id of a {' or '.join(relationship.targets)} that you may see."
    return Problem(where, target[:80], "leads to a record that is not there", near, code, hint)


def _sent(command: Command) -> Sent:
    links = {name: [[link.target, dict(link.properties)] for link in found] for name, found in command.links.items()}
    asked = (command.kind.label, command.action, command.record, command.expected, dict(command.values), links)
    return Sent(command.viewer.token, command.key, asked)


def _native(value: Any) -> Any:
    return value.to_native() if hasattr(value, "to_native") else value


def private_at_first(today: date) -> dict[str, Value]:
    """What every authored record begins with: it is of today, and for members until somebody says that it is for all."""
    return {"visibility": Visibility.MEMBERS.value, "date": today}


def in_order(first: str, last: str, reason: str) -> Rule:
    """One day is not after another."""

    def rule(draft: Draft) -> Iterator[Problem]:
        begin, end = draft.values.get(first), draft.values.get(last)
        if isinstance(begin, date) and isinstance(end, date) and end < begin:
            yield Problem(last, end.isoformat(), reason, (f"{begin.isoformat()} or later",), Code.CONTRADICTORY_INPUT)

    return rule


def not_in_the_future(name: str) -> Rule:
    def rule(draft: Draft) -> Iterator[Problem]:
        day = draft.values.get(name)
        if isinstance(day, date) and day > draft.today:
            yield Problem(name, day.isoformat(), "lies in the future", (f"{draft.today.isoformat()} or earlier",), Code.DATE_IN_FUTURE)

    return rule


def writable(kind: Authored) -> tuple[str, ...]:
    """Names of properties that a person may give, in the model's order."""
    return tuple(name for name in kind.type.content if name not in CLOSED)


# The queries, pure: text and parameters.


def record_state(node_type: NodeType, record_id: str, viewer: Viewer) -> Query:
    """One row of (version, whether it is withdrawn, whether the viewer may see it) where the record is there."""
    seen = viewer.predicate("n", node_type) or "true"
    return Query(
        f"MATCH (n:{identifier(node_type.label)} {{id: $id}})\nRETURN n.version, coalesce(n.withdrawn, false), {seen}",
        {"id": record_id} | viewer.parameters,
    )


def visible_ids(node_type: NodeType, ids: Sequence[str], viewer: Viewer) -> Query:
    """Rows of the ids of those records that are there and that the viewer may see."""
    condition = viewer.predicate("n", node_type)
    where = f"WHERE {condition}\n" if condition else ""
    return Query(
        f"UNWIND $ids AS id\nMATCH (n:{identifier(node_type.label)} {{id: id}})\n{where}RETURN n.id", {"ids": list(ids)} | viewer.parameters
    )
