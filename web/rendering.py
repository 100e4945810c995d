"""Templates: the environment, what every template can call, and the figures that are drawn as SVG attributes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache, partial
from pathlib import Path
from types import BuiltinMethodType, FunctionType, MethodType
from typing import Any, Final

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, FunctionLoader, PrefixLoader, StrictUndefined, pass_context
from jinja2.runtime import Context, Macro
from markupsafe import Markup, escape

from api.wording import LANGUAGES
from graph.message import Message
from web import components, static, terms
from web.speech import direction, own_name
from web.visit import Visit

TEMPLATES: Final = Path(__file__).parent / "templates"
PARTS: Final = "parts.html"
"""The macros of the components. Every template sees them as `parts`."""
MENU: Final = (
    ("/", Message("State a need")),
    ("/search", Message("Search")),
    ("/countries", Message("Countries")),
    ("/board", Message("Funders’ board")),
    ("/how-matching-works", Message("How matching works")),
)
DESCRIBED_IN_ENGLISH: Final = frozenset({"CountryGroup", "Indicator", "Source"})
PLAIN: Final = frozenset({FunctionType, MethodType, BuiltinMethodType, partial})
OF_DICTS: Final = frozenset(dir(dict))
LONG_ADDRESS: Final = 2_000


class QuickContext(Context):
    """Calls what asks for nothing of the template directly. A list calls some four hundred functions and macros, and Jinja's own
    `call` looks at each, twice, for what it might want to be given."""

    def call(self, obj: Any, *args: Any, **kwargs: Any) -> Any:
        """As `Context.call`, which is asked for whatever is neither a macro nor a plain function."""
        kind = type(obj)
        if kind is Macro or (kind in PLAIN and not hasattr(obj, "jinja_pass_arg")):
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
            return obj(self.eval_ctx, *args, **kwargs) if kind is Macro else obj(*args, **kwargs)
        return super().call(obj, *args, **kwargs)


class QuickEnvironment(Environment):
    """Looks into a dict first. What GraphQL answers is dicts, five hundred looks for a list, and Jinja's own `getattr` looks for an attribute before: an exception each."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """As `Environment.getattr`: a dict's own names, such as `items`, stay what they are."""
        if type(obj) is dict and attribute not in OF_DICTS:
            return obj[attribute] if attribute in obj else self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)


@cache
def environment() -> Environment:
    loader = ChoiceLoader(
        [
            FileSystemLoader(TEMPLATES),
            FunctionLoader(lambda name: components.macros() if name == PARTS else None),
            PrefixLoader({"components": FileSystemLoader(components.FOLDER)}),
        ]
    )
    made = QuickEnvironment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, auto_reload=False
    )
    made.context_class = QuickContext
    made.globals |= {
        "asset": static.address,
        "sample": components.sample,
        "path_of": terms.path_of,
        "domain_of": lambda record: terms.BY_LABEL[record["__typename"]],
        "row_template": lambda record: f"{terms.BY_LABEL[record['__typename']].name}/row.html",
        "direction": direction,
        "domains": terms.DOMAINS,
        "by_kind": terms.BY_KIND,
        "clip": clip,
        "foreign": foreign,
        "lang_of": lang_of,
    }
    return made


def render(template: str, visit: Visit, values: dict[str, Any]) -> str:
    """A page as HTML."""
    speech = visit.speech
    shared: dict[str, Any] = {
        "_": speech.say_markup,
        "ngettext": speech.count_markup,
        "tell": speech.tell,
        "number": speech.number,
        "money": partial(_isolated, speech.money),
        "day": speech.day,
        "language_name": speech.language_name,
        "comma": speech.comma,
        "colon": speech.colon,
        "listed": lambda items: Markup(speech.comma).join(items),  # noqa: S704 - a comma
        "term": lambda group, name: speech.tell(terms.value(group, name)),
        "href": visit.href,
        "record_link": partial(record_link, visit),
        "visit": visit,
        "language": visit.language,
        "speech": speech,
        "languages": [(tag, own_name(tag), visit.here(tag)) for tag in LANGUAGES],
        "short_address": len(str(visit.request.url)) <= LONG_ADDRESS,
        "menu": [(path, speech.tell(words)) for path, words in MENU],
    }
    made = environment()
    seen: dict[str, Any] = {**made.globals, **shared, **values}
    # Made once a page. The macros include rows, which see them in turn: so they stand in the context that they were made with.
    seen["parts"] = made.get_template(PARTS).make_module(seen, shared=True)
    return made.get_template(template).render(seen)


def _isolated(tell: Any, *args: Any) -> Markup:
    """A figure kept together and in its own direction inside a line of Arabic."""
    return Markup('<bdi class="num">{}</bdi>').format(tell(*args))


@pass_context
def foreign(context: Context, tag: str | None) -> Markup:
    """The `lang` and `dir` attributes of a passage that is not in the page's language; nothing where it is."""
    return _language_of(tag, str(context["language"]), own=False)


def lang_of(record: Mapping[str, Any]) -> str | None:
    """The language of a record's own text. Some kinds have names in every language and one description, in English."""
    return record.get("lang") or ("en" if record.get("__typename") in DESCRIBED_IN_ENGLISH else None)


def record_link(visit: Visit, record: Mapping[str, Any]) -> Markup:
    """A record's title as a link to its page, in its own language and direction. In Python, since a page has a hundred of them."""
    language = _language_of(record.get("lang"), visit.language, own=visit.speech.direction == "rtl")
    path, title = terms.path_of(record["id"]), escape(record["title"])
    if path is None:
        return Markup(f"<span{language}>{title}</span>")  # noqa: S704 - every part is escaped
    return Markup(f'<a href="{escape(visit.href(path))}"{language}>{title}</a>')  # noqa: S704 - as above


@lru_cache(1024)
def _language_of(tag: str | None, page: str, *, own: bool) -> Markup:
    """`lang` and `dir` of what is not in the page's language. With `own`, what is of no known language finds its own direction."""
    if not tag:
        return Markup(' dir="auto"') if own else Markup("")
    return Markup("") if tag.partition("-")[0] == page else Markup(' lang="{}" dir="{}"').format(tag, direction(tag))


def clip(text: str, length: int = 220) -> str:
    """The beginning of a text, cut at a word."""
    return text if len(text) <= length else text[:length].rsplit(" ", 1)[0].rstrip(",;:") + " …"
