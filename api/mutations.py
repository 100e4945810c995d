"""Mutations of what people write: inputs and payloads follow from the model, one field for each kind and action."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final

import strawberry
from strawberry.types.field import StrawberryField

from api.context import Info
from api.types import SCALARS, TYPES, computed, make_type
from api.viewers import member
from graph import read
from graph.authoring import CLOSED, Action, Authored, Command, carry_out, writable
from graph.errors import Code
from graph.model import Kind, Property, Relationship
from graph.needs import NEEDS
from graph.offers import OFFERS
from graph.practices import PRACTICES
from graph.records import Link, Problem, Value
from graph.viewer import OWNER

KINDS: Final = (NEEDS, OFFERS, PRACTICES)
UNSET: Final = strawberry.UNSET
VERBS: Final = {Action.CREATE: "create", Action.UPDATE: "update", Action.WITHDRAW: "withdraw"}
HINTS: Final = {
    Code.FIELD_REQUIRED: "Give a value.",
    Code.VALUE_MALFORMED: "Correct the value.",
    Code.VALUE_NOT_ALLOWED: "Take one of the values in `allowed`.",
    Code.VALUE_OUT_OF_RANGE: "Give a value in the range in `allowed`.",
    Code.TEXT_TOO_LONG: "Shorten it.",
    Code.DATE_IN_FUTURE: "Give a day up to today.",
    Code.CONTRADICTORY_INPUT: "Change one of the two.",
}


@strawberry.type(description="Why a mutation was not carried out: what is wrong, where, what is allowed, what to do.")
class UserError:
    """One problem of an input."""

    code: str = strawberry.field(description="Stable code; the page of error codes explains each.")
    message: str = strawberry.field(description="A sentence for people.")
    field: list[str] | None = strawberry.field(
        description='Path of the field in the arguments, such as `["input", "topics", "1"]`; null where no single field is at fault.'
    )
    allowed: list[str] = strawberry.field(description="Allowed values, or the nearest of them; empty where there is no list.")
    hint: str | None = strawberry.field(description="What to do next.")


TYPES["UserError"] = UserError
GIVEN_VERSION: Final = "The record's `version` as you read it; the mutation fails where it is another by now."
GIVEN_KEY: Final = "A key of your choice, such as a UUID: the same mutation again under the same key, within 30 days, writes nothing and answers as the first."
GIVEN_DRY_RUN: Final = "Check everything and write nothing."
WHY_NOT: Final = "Why nothing was written; empty where all went well."


@dataclass(frozen=True, slots=True)
class Payload:
    """What came of a mutation."""

    record: read.Node | None
    errors: list[UserError]


def user_error(problem: Problem) -> UserError:
    value = f" “{problem.value}”" if problem.value else ""
    return UserError(
        code=problem.code.value,
        message=f"`{problem.field}`{value} {problem.reason}.",
        field=["input", *problem.field.split(".")],
        allowed=list(problem.allowed),
        hint=problem.hint or HINTS.get(problem.code),
    )


def mutation_fields() -> dict[str, StrawberryField]:
    """`createNeed`, `updateNeed`, `withdrawNeed` and so on, by GraphQL name."""
    return {f"{VERBS[action]}{kind.label}": _mutation(kind, action) for kind in KINDS for action in Action}


def _mutation(kind: Authored, action: Action) -> StrawberryField:
    name = f"{action.value.capitalize()}{kind.label}"
    given = _input_type(f"{name}Input", kind, action)
    payload = f"{name}Payload"
    fields = {
        kind.type.single: computed(
            f"{kind.label} | None",
            lambda root: root.record,
            "The record as it is now; null where errors stand or nothing was to be written.",
        ),
        "errors": computed("list[UserError]", lambda root: root.errors, WHY_NOT),
    }
    TYPES[payload] = make_type(payload, fields, f"What came of `{VERBS[action]}{kind.label}`.")

    async def resolve(info: Info, input: Any) -> Payload:  # noqa: A002 - Relay's name
        return await _run(info, kind, action, input)

    resolve.__annotations__["input"] = Annotated[given, strawberry.argument(description=f"The {kind.label.lower()} and how to write it.")]
    return computed(payload, resolve, _DESCRIPTIONS[action].format(kind.label.lower()))


_DESCRIPTIONS: Final = {
    Action.CREATE: "Write a new {0}. Needs the token of a member.",
    Action.UPDATE: "Change the {0} that `id` names: fields that are left out stay, null clears. Needs the token of a member.",
    Action.WITHDRAW: "Mark the {0} that `id` names as withdrawn, for good; it stays on record. Needs the token of a member.",
}


async def _run(info: Info, kind: Authored, action: Action, given: Any) -> Payload:
    context = info.context
    viewer = member(context.viewer)
    countries, topics = await context.network.known()
    names = {f"country:{code}": name for code, name in countries.items()} | topics
    command = Command(
        kind,
        action,
        viewer,
        dict(_values(kind, action, given)),
        dict(_links(kind, action, given)),
        record=getattr(given, "id", None),
        expected=getattr(given, "expectedVersion", None),
        key=None if given.idempotencyKey is UNSET else given.idempotencyKey,
        dry_run=bool(given.dryRun),
    )
    outcome = await carry_out(context.database, command, names=names, max_text=context.settings.max_text)
    if outcome.written and outcome.record:
        context.network.wrote(outcome.record)
        context.forget()
    # The writer of a record sees it whatever it says about others; what it leads to is the viewer's own to see.
    found = await read.fetch_nodes(context.database, [outcome.record], OWNER) if outcome.record else {}
    return Payload(found.get(outcome.record or ""), [user_error(problem) for problem in outcome.problems])


def _input_type(name: str, kind: Authored, action: Action) -> type:
    body: dict[str, Any] = {"__module__": __name__, "__doc__": name, "__annotations__": {}}
    for graphql_name, (annotation, default, description) in _input_fields(kind, action).items():
        body["__annotations__"][graphql_name] = annotation
        more = {} if default is _REQUIRED else {"default": default}
        body[graphql_name] = strawberry.field(name=graphql_name, description=description, **more)
    return strawberry.input(type(name, (), body), name=name, description=f"Input of `{name[0].lower()}{name.removesuffix('Input')[1:]}`.")


_REQUIRED: Final = object()
InputField = tuple[Any, Any, str]


def _input_fields(kind: Authored, action: Action) -> dict[str, InputField]:
    """(type, default, description) by name; those without a default first, as a dataclass wants them."""
    fields: dict[str, InputField] = {}
    if action is not Action.CREATE:
        fields["id"] = (strawberry.ID, _REQUIRED, "Global id of the record.")
        fields["expectedVersion"] = (int, _REQUIRED, GIVEN_VERSION)
    if action is not Action.WITHDRAW:
        for name in writable(kind):
            fields[name] = _property_input(kind, name, kind.type.content[name], action)
        for relationship in kind.type.all_relationships:
            if relationship.name not in CLOSED:
                fields[relationship.name] = _link_input(kind, relationship, action)
    fields["idempotencyKey"] = (str | None, UNSET, GIVEN_KEY)
    fields["dryRun"] = (bool | None, False, GIVEN_DRY_RUN)
    return dict(sorted(fields.items(), key=lambda item: item[1][1] is not _REQUIRED))


def _property_input(kind: Authored, name: str, prop: Property, action: Action) -> InputField:
    annotation: Any = SCALARS[prop.kind]
    if prop.enum is not None:
        annotation = list[prop.enum] if prop.kind is Kind.STRINGS else prop.enum  # type: ignore[name-defined]  # built at run time from the model
    if action is Action.CREATE and prop.required and name not in kind.default_words:
        return annotation, _REQUIRED, prop.description
    words = kind.default_words.get(name) if action is Action.CREATE else None
    return annotation | None, UNSET, prop.description + (f" Left out: {words}." if words else "")


def _link_input(kind: Authored, relationship: Relationship, action: Action) -> InputField:
    target: Any = strawberry.ID
    if relationship.properties:
        target = _linked_type(kind, relationship)
    annotation: Any = list[target] if relationship.many else target
    targets = " or ".join(relationship.targets)
    description = f"{relationship.description} Global id{'s' if relationship.many else ''} of {targets}."
    if action is Action.CREATE and relationship.required:
        return annotation, _REQUIRED, description
    return annotation | None, UNSET, description


def _linked_type(kind: Authored, relationship: Relationship) -> type:
    """Input of a link that has properties of its own: the id and those."""
    name = f"{kind.label}{relationship.name[0].upper()}{relationship.name[1:]}Input"
    if name not in TYPES:
        body: dict[str, Any] = {"__module__": __name__, "__doc__": name, "__annotations__": {"id": strawberry.ID}}
        body["id"] = strawberry.field(name="id", description=f"Global id of {' or '.join(relationship.targets)}.")
        for prop in relationship.properties:
            body["__annotations__"][prop.name] = SCALARS[prop.kind] | None
            body[prop.name] = strawberry.field(name=prop.name, description=prop.description, default=None)
        TYPES[name] = strawberry.input(type(name, (), body), name=name, description=relationship.description)
    found: type = TYPES[name]
    return found


def _values(kind: Authored, action: Action, given: Any) -> Iterator[tuple[str, Value]]:
    for name in writable(kind) if action is not Action.WITHDRAW else ():
        value = getattr(given, name)
        if value is not UNSET:
            yield name, [str(item) for item in value] if isinstance(value, list) else value


def _links(kind: Authored, action: Action, given: Any) -> Iterator[tuple[str, tuple[Link, ...]]]:
    for relationship in kind.type.all_relationships if action is not Action.WITHDRAW else ():
        if relationship.name in CLOSED or (value := getattr(given, relationship.name)) is UNSET:
            continue
        several = value if isinstance(value, list) else [] if value is None else [value]
        yield relationship.name, tuple(_distinct(relationship, several))


def _distinct(relationship: Relationship, values: list[Any]) -> Iterator[Link]:
    """Each target once: the first time that it was given."""
    seen: set[str] = set()
    for value in values:
        target, own = (
            (value, {}) if isinstance(value, str) else (value.id, {p.name: getattr(value, p.name) for p in relationship.properties})
        )
        record_id = _global_id(relationship, str(target))
        if record_id not in seen:
            seen.add(record_id)
            yield Link(record_id, own)


def _global_id(relationship: Relationship, given: str) -> str:
    """The id as it is on record: a country may be given by its code alone."""
    if ":" not in given and relationship.targets == ("Country",):
        return f"country:{given.strip().upper()}"
    return given.strip()
