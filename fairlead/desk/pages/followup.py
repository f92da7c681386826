"""Follow-up: what follows from the numbers, one's own first."""

from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from fairlead.actions.followup import FollowUp, Step, follow_up
from fairlead.actions.pasts import day_asked
from fairlead.actions.sources import freshness
from fairlead.actions.treeing import Node
from fairlead.desk import behind
from fairlead.desk.earlier import offered
from fairlead.desk.linking import address
from fairlead.desk.people.models import User
from fairlead.desk.people.roles import held_by
from fairlead.desk.refusals import refusing
from fairlead.desk.stamp import stamp
from fairlead.desk.wordings import Said, Standing, said, standing
from fairlead.desk.workplace import workspace
from fairlead.model.decisions import Dispute
from fairlead.model.metrics import TIERS
from fairlead.picture.wording import Manner, day_words, period_words


class Number(NamedTuple):
    """A number, worded, with its page."""

    name: str
    label: str
    url: str
    value: Said
    target: str
    standing: Standing


class Item(NamedTuple):
    """A step, worded."""

    step: Step
    number: Number
    tier: str
    period: str
    since: str
    why: str
    opened: tuple[Number, ...]


class Quarrel(NamedTuple):
    """An open dispute, worded."""

    dispute: Dispute
    url: str
    raised: str


class Page(NamedTuple):
    """What follows, worded: `mine` and the `others`."""

    found: FollowUp
    mine: tuple[Item, ...]
    others: tuple[Item, ...]
    near: tuple[Number, ...]
    quarrels: tuple[Quarrel, ...]


@require_safe
@refusing("What follows cannot be shown")
def follow_up_page(request: HttpRequest) -> HttpResponse:
    """What follows from the published build for whoever is signed in."""
    place = workspace()
    held = held_by(request.user, place.model) if isinstance(request.user, User) else ()
    asked = request.GET.get("as_of", "").strip()
    if offer := offered(request, asked, "Follow-up"):
        return offer
    found = follow_up(place, mine={role.name for role in held}, as_of=day_asked(place, asked) if asked else None)
    given = {
        "page": worded_page(found, asked),
        "stamp": stamp(found, freshness(place, _names(found)).values() if found.build else ()),
        "held": held,
        "company": place.config.company,
        "asked": asked,
    }
    return render(request, "follow_up.html", given)


def _names(found: FollowUp) -> list[str]:
    """Every number that the page shows."""
    shown = [node for step in found.steps for node in (step.node, *step.opened)]
    return list(dict.fromkeys(node.name for node in (*shown, *found.near)))


def worded_page(found: FollowUp, as_of: str) -> Page:
    """The page in words."""
    items = [_item(step, found.manner, as_of) for step in found.steps]
    return Page(
        found=found,
        mine=tuple(item for item in items if item.step.is_mine),
        others=tuple(item for item in items if not item.step.is_mine),
        near=tuple(_number(node, found.manner, as_of) for node in found.near),
        quarrels=tuple(_quarrel(one, found.manner) for one in found.disputes),
    )


def _item(step: Step, manner: Manner, as_of: str) -> Item:
    why = step.why
    return Item(
        step=step,
        number=_number(step.node, manner, as_of),
        tier=TIERS.get(step.node.tier or 0, "").lower(),
        period=period_words(step.node.period, manner) if step.node.period else "",
        since=period_words(step.since, manner) if step.since else "",
        why=behind.why(step.node.name, why.period_from, why.period_to, as_of=as_of) if why else "",
        opened=tuple(_number(node, manner, as_of) for node in step.opened),
    )


def _number(node: Node, manner: Manner, as_of: str) -> Number:
    return Number(
        node.name,
        node.label,
        behind.metric(node.name, as_of=as_of),
        said(node.value, node.unit, manner, behind.rows(node.name, node.period, as_of=as_of)),
        node.target,
        standing(node.status),
    )


def _quarrel(one: Dispute, manner: Manner) -> Quarrel:
    raised = [day_words(one.raised_on, manner) if one.raised_on else "", one.raised_by, one.raised_in]
    return Quarrel(one, address(f"term:{one.term}"), ", ".join(part for part in raised if part))


urls = [path("follow-up/", follow_up_page, name="follow-up")]
