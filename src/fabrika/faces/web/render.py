"""Pages as HTML: what was seen, in its template, in the frame of who reads it. Nothing here decides anything."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from msgspec import Struct

from fabrika.faces import language
from fabrika.faces.language import LANGUAGES, message, say
from fabrika.faces.report import markup, numbers, sentences, tables, terms
from fabrika.faces.report.html import render_body
from fabrika.faces.report.words import name
from fabrika.faces.web import codes, forms, show, stock_labels, strip
from fabrika.faces.web.navigation import navigation
from fabrika.page import Asked, Command, Page
from fabrika.plant.acts import ACTS
from fabrika.plant.model import Plant
from fabrika.plant.reasons import reason_name, stop_name
from fabrika.plant.shifts import shift_at
from fabrika.twin.trial import Trial

if TYPE_CHECKING:
    from jinja2 import Environment

OWN_NAMES = {"en": "English", "sq": "Shqip", "sr_Latn": "Srpski", "tr": "Türkçe"}
"""Languages as their own speakers call them."""

HEADINGS = {
    400: message("That could not be understood"),
    401: message("Please sign in"),
    403: message("That may not be done"),
    404: message("There is nothing here"),
    409: message("That was not done"),
    413: message("That is too much at once"),
    422: message("That could not be understood"),
    429: message("Too many attempts"),
    500: message("Something went wrong here"),
    503: message("Not ready yet"),
}
"""What a page of trouble is headed, by its status."""


class Seen(Protocol):
    """A page's context with what it was made for."""

    @property
    def page(self) -> Page:
        """The page."""

    @property
    def asked(self) -> Asked:
        """Who asked for what, as of when."""

    @property
    def context(self) -> Struct:
        """The page's context."""

    @property
    def took_us(self) -> int:
        """How long the answer took."""


@cache
def environment() -> Environment:
    """All templates of this face."""
    made = markup.environment("fabrika.faces.web")
    made.globals.update(
        show=show,
        terms=terms,
        tables=tables,
        sentences=sentences,
        draw_strip=strip.draw,
        draw_code=codes.draw,
        draw_label=stock_labels.draw,
        stock_choices=stock_labels.choices,
        form_fields=forms.fields,
        field_label=forms.label,
        languages=[(key, key.replace("_", "-"), OWN_NAMES[key]) for key in LANGUAGES],
        heading=heading,
        role_name=role_name,
        product_name=product_name,
        shift_words=shift_words,
        act_words=act_words,
        reason_words=reason_words,
        stop_words=stop_words,
        roles_words=roles_words,
        report_body=render_body,
        gained_words=gained_words,
        command_title=command_title,
        event_types=event_types,
        plant_summary=plant_summary,
        code=code,
        with_query=with_query,
        navigation=navigation,
    )
    made.filters.update(quoted=quoted)
    return made


def render(seen: Seen, request: Any, *, fragment: bool = False) -> str:
    """A page as HTML.

    Args:
        seen: what the plant service gave.
        request: with the ``visit`` of who reads it.
        fragment: only the part that changes, as the page's stream sends it; it holds nothing of the reader's own.
    """
    visit, asked, page = request.visit, seen.asked, seen.page
    values = _around(visit) | {
        "asked": asked,
        "page": page,
        "view": seen.context,
        "zone": asked.plant.zone,
        "now_us": asked.at_us,
        "took_us": seen.took_us,
        "commands": _commands(page, asked),
    }
    live = _filled("live.html.j2", content=_filled(f"{page.name}.html.j2", **values), **values)
    if fragment:
        return str(live)
    if page.at_tablets and visit.device_kind == "tablet" and visit.person is None:
        # They are hidden until somebody has said, without a network, who they are.
        values["commands"] = {name: command for name, command in _all_commands(page).items() if command.queues}
    acts = f"{page.name}.acts.html.j2"
    acting = acts in _templates() and not visit.kiosk
    below = _filled(acts, **values) if acting else ""
    follow = f"/follow?path={quote(visit.path, safe='')}&position={asked.position}"
    return str(_filled("page.html.j2", live=live, below=below, follow=follow, **values))


def page(template: str, request: Any, /, **context: Any) -> str:
    """A page of the face's own, such as that of an account, which extends ``base.html.j2``.

    Args:
        template: its file below ``templates/``.
        request: with the ``visit`` of who reads it.
        context: what the template needs.
    """
    return str(_filled(template, **(_around(request.visit) | context)))


def heading(status: int) -> str:
    """What a page of trouble is headed."""
    return say(HEADINGS.get(status, HEADINGS[500 if status >= 500 else 400]))


def role_name(plant: Plant, id_: str) -> str:
    """What a role is called in the plant file; its id where it has no name."""
    return next((role.name or role.id for role in plant.roles if role.id == id_), id_)


def product_name(plant: Plant, id_: str) -> str:
    """What a product is called in the plant file; its id where it has no name."""
    return next((product.name or product.id for product in plant.products if product.id == id_), id_)


def reason_words(plant: Plant, id_: str) -> str:
    """What a reason is called in the plant file."""
    return name(reason_name(plant, id_), 60)


def stop_words(plant: Plant, station: str, id_: str | None) -> str:
    """What a way in which a station stops is called; that nobody said why, for None."""
    return say("without a reason") if id_ is None else name(stop_name(plant, station, id_), 60)


def roles_words(plant: Plant, act: str) -> str:
    """The names of the roles that allow an act."""
    return ", ".join(name(role.name or role.id, 40) for role in plant.roles if act in role.may) or "-"


def shift_words(asked: Asked) -> str:
    """The shift of the plant's own calendar at the instant asked about; empty where no calendar tells of one."""
    plant = asked.plant
    calendar = next((found for found in plant.calendars if found.id == plant.calendar), None)
    if calendar is None:
        return ""
    shift = shift_at(calendar, plant.zone, asked.at_us)
    if not shift.now or shift.name is None:
        return say("no shift now")
    return say("shift {times}", times=shift.name)


def act_words(act: str) -> str:
    """What an act means."""
    return say(ACTS[act]) if act in ACTS else act


def command_title(name: str) -> str:
    """What a command is called; its own name where this program does not know it."""
    from fabrika.app.sitemap import COMMANDS

    return next((say(command.title) for command in COMMANDS if command.name == name), name)


def gained_words(trial: Trial) -> str:
    """What a change brings, in one sentence that claims no more than the years show."""
    gained, units = trial.gained, numbers.about(abs(trial.gained.mean))
    if gained.mean == 0:
        return say("No difference in these years.")
    if len(trial.years) > 1 and gained.low <= 0 <= gained.high:
        return say("No difference that these years could tell from luck.")
    if gained.mean > 0:
        return say("{units} good units a year more.", units=units)
    return say("{units} good units a year fewer.", units=units)


def event_types() -> list[str]:
    """All types of events."""
    from fabrika.events.catalog import CATALOG

    return sorted(kind.NAME for kind in CATALOG.kinds)


_summaries: dict[str, tuple[Plant, str]] = {}


def plant_summary(plant: Plant) -> str:
    """What a plant file says, in the reader's words; the last of each language is kept, for a year of calendars is gone through."""
    from fabrika.plant.summary import summary

    kept = _summaries.get(language.wanted())
    if kept is None or kept[0] is not plant:
        kept = _summaries[language.wanted()] = plant, "\n".join(summary(plant, language.Reader()))
    return kept[1]


def code(text: str) -> Any:
    """A text as something that is typed."""
    from markupsafe import Markup

    return Markup("<code>{}</code>").format(text)


def quoted(id_: str) -> str:
    """An id as one part of a path."""
    return quote(id_, safe="")


def _commands(page: Page, asked: Asked) -> Mapping[str, Command]:
    """The page's commands that this person may give, by name."""
    return {name: command for name, command in _all_commands(page).items() if command.act in asked.may}


def _all_commands(page: Page) -> Mapping[str, Command]:
    from fabrika.app.sitemap import COMMANDS

    return {command.name: command for command in COMMANDS if command.name in page.commands}


def _around(visit: Any) -> dict[str, Any]:
    """What every template knows."""
    parts = urlsplit(visit.path)
    return {
        "visit": visit,
        "language": language.wanted(),
        "tag": language.tag(),
        "direction": language.direction(),
        "here": parts.path,
        "beside": [pair for pair in parse_qsl(parts.query) if pair[0] != "language"],
    }


def with_query(path: str, /, *beside: Mapping[str, object], **values: object) -> str:
    """A path with a query of what is not empty; a later value takes the place of an earlier one of its name."""
    found: dict[str, object] = {}
    for given in (*beside, values):
        found |= given
    kept = {key: str(value) for key, value in found.items() if value not in (None, "")}
    return f"{path}?{urlencode(kept)}" if kept else path


@cache
def _templates() -> frozenset[str]:
    return frozenset(environment().list_templates())


def _filled(template: str, **values: Any) -> Any:
    from markupsafe import Markup

    return Markup(environment().get_template(template).render(**values))  # noqa: S704 (the template escapes)
