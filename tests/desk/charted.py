"""Serve a workspace with a page of charts added: `python -m tests.desk.charted ROOT`.

The page at /figures/ shows one figure of every kind by themselves, whatever the other pages make of them.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import fairlead.desk
from fairlead.desk import Ready
from fairlead.desk.opening import open_desk
from fairlead.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

PAGE = """{% extends "frame.html" %}{% block name %}Figures{% endblock %}
{% block head %}{% include "parts/charts_head.html" %}{% endblock %}
{% block content %}<h1>Figures</h1>
{% for figure in figures %}<section class="panel">{% include "parts/figure.html" %}</section>{% endfor %}
{% endblock %}"""


def figures(request: "HttpRequest") -> "HttpResponse":
    from django.http import HttpResponse
    from django.template import Engine, RequestContext

    from fairlead.actions.why import why
    from fairlead.desk import charting
    from fairlead.desk.workplace import workspace

    place = workspace()
    moved = why(place, "win_rate", start="2026-06", end="2026-07", by=["segment"])
    asked: dict[str, str] = {"start": "2026-06", "end": "2026-07"}
    shown = [
        charting.metric_figure(place, "win_rate", csv_url="/metrics/win_rate/series.csv"),
        charting.metric_figure(place, "new_pipeline", by=("segment",), end="2026-10-20"),
        charting.metric_figure(
            place, "average_deal_size", by=("industry",), start="2026-Q1", end="2026-Q1", per="quarter"
        ),
        charting.why_figure(moved, place.manner, {**asked}),
        charting.why_figure(moved, place.manner, {**asked, "by": "segment"}, "segment"),
        charting.versions_figure(place, "win_rate"),
    ]
    context = RequestContext(request, {"figures": [one for one in shown if one]})
    return HttpResponse(Engine.get_default().from_string(PAGE).render(context))


def with_figures(workspace: Workspace) -> None:
    """Open the desk and add the page to its addresses."""
    open_desk(workspace)
    from django.urls import path

    from fairlead.desk import urls

    urls.urlpatterns.append(path("figures/", figures, name="figures"))


def main() -> None:
    workspace = open_workspace(Path(sys.argv[1]))
    with_figures(workspace)
    fairlead.desk.serve(workspace, port=0, link_for="alice", on_ready=_say)


def _say(ready: Ready) -> None:
    print(ready.url, ready.link, flush=True)


if __name__ == "__main__":
    main()
