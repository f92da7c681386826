"""Words for templates: a term with its meaning beside it, and values as the company writes them.

{% load words %}
{% term "win_rate" %}                    the label, and a small "?" that opens the definition
{% term "win_rate" to="/metrics/..." %}  the label as a link
{{ 0.2531|worded:"percent" }}            25.3%
{{ "closed_won"|in_words }}              Closed won
{{ "2026-09"|period }}  {{ day|day }}  {{ moment|moment }}
"""

from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from django import template
from django.template.context import Context
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from fairlead.desk.workplace import workspace
from fairlead.model.whole import Model
from fairlead.picture.wording import Number, day_words, moment_words, period_words
from fairlead.picture.wording import worded as number_words
from fairlead.problem import Refused
from fairlead.values import in_words

register = template.Library()

UNITS = {"money_per_day": "money per day", "percent": "percent", "ratio": "ratio"}


class Meaning(NamedTuple):
    """What the model says of a term. `unit` and `owner` are empty where they mean nothing or are not said."""

    label: str
    says: str
    unit: str = ""
    owner: str = ""


class Glossary(NamedTuple):
    """The model that says what terms mean (None where it cannot be read), and the terms a page has told already."""

    model: Model | None
    said: set[str]


@register.simple_tag(takes_context=True)
def term(  # noqa: PLR0913, PLR0917 - what a template may say of a term
    context: Context, name: str, label: str = "", to: str = "", says: str = "", note: str | None = ""
) -> SafeString:
    """A term's label, and a disclosure with what it means. A name the model does not know is only a label.

    `says` stands in where the model of today does not know the term; `note` is told below the meaning.
    """
    page = _glossary(context)
    meaning = meaning_of(page.model, name) if page.model else None
    shown = label or (meaning.label if meaning else in_words(name))
    title = format_html('<a href="{}">{}</a>', to, shown) if to else format_html("{}", shown)
    if meaning is None or not meaning.says:
        meaning = Meaning(shown, says)
    if not meaning.says:
        return title
    button = format_html(
        '<button type="button" class="what" popovertarget="means-{0}" aria-label="What is {1}?"></button>', name, shown
    )
    return mark_safe(f'<span class="term">{title}{button}</span>{_once(page, name, meaning, note or "")}')  # noqa: S308


def _once(page: Glossary, name: str, meaning: Meaning, note: str) -> str:
    """The meaning the first time a page names the term; later disclosures open the same one."""
    if name in page.said:
        return ""
    page.said.add(name)
    more = [format_html("<span>{}</span>", meaning.unit)] if meaning.unit else []
    more += [format_html("<span>{}</span>", meaning.owner)] if meaning.owner else []
    if address := _page(name):
        more.append(format_html('<a href="{}">In the dictionary</a>', address))
    return format_html(
        '<span class="meaning" id="means-{}" popover><span class="means">{}</span>{}'
        '<span class="more">{}</span></span>',
        name,
        meaning.says,
        format_html('<span class="small">{}</span>', note) if note else "",
        mark_safe("".join(more)),  # noqa: S308 - escaped above
    )


def _glossary(context: Context) -> Glossary:
    """What the page being made knows of terms: the model is looked up once a page, and kept with its request."""
    request = context.get("request")
    known: Glossary | None = getattr(request, "glossary", None)
    if known is None:
        try:
            known = Glossary(workspace().model, set())
        except Refused:
            known = Glossary(None, set())
        if request is not None:
            request.glossary = known
    return known


@lru_cache(maxsize=2048)
def meaning_of(model: Model, name: str) -> Meaning | None:
    """What a metric, a measure, a stage or a word of the dictionary means; None for a name nobody defined."""
    if metric := model.metric(name):
        unit = UNITS.get(metric.unit, str(metric.unit))
        return Meaning(metric.title, metric.definition, unit, _role(model, metric.owner))
    if measure := model.measure(name):
        return Meaning(in_words(name), measure.says)
    if stage := model.stage(name):
        return Meaning(stage.title, stage.says, owner=_role(model, stage.owner))
    if definition := model.data.definitions.get(name):
        return Meaning(in_words(name), definition.says, owner=_role(model, definition.owner))
    return None


def _role(model: Model, name: str | None) -> str:
    role = model.role(name)
    return role.title if role else ""


@lru_cache(maxsize=2048)
def _page(name: str) -> str:
    """The term's page in the dictionary, empty as long as there is no dictionary."""
    try:
        return reverse("term", args=[name])
    except NoReverseMatch:
        return ""


@register.filter
def worded(value: Number | None, unit: str) -> str:
    """A value in its unit, short; nothing is said of None."""
    return "" if value is None else number_words(value, unit, workspace().manner).text


@register.filter
def period(name: str) -> str:
    """A period's name as people say it."""
    return period_words(name, workspace().manner) if name else ""


@register.filter
def day(value: date | None) -> str:
    """A day, with its weekday."""
    return day_words(value, workspace().manner) if value else ""


@register.filter
def moment(value: datetime | None) -> str:
    """A moment in the company's time."""
    return moment_words(value, workspace().manner) if value else ""


register.filter("in_words", in_words)
