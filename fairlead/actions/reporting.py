"""Write a report to hand out: the scoreboard as a PDF, or as one page that needs nothing beside it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from fairlead.actions.asking import Asked, build_for, published
from fairlead.actions.days import Day
from fairlead.actions.drawing import Drawing, course
from fairlead.actions.exporting import write_file
from fairlead.actions.laws import BAD_QUESTION
from fairlead.actions.reports.pack import Pack, pack
from fairlead.actions.scoreboard import Score, Status, scoreboard
from fairlead.actions.why import Why, moves
from fairlead.model.metrics import TIERS
from fairlead.problem import Refused
from fairlead.values import Progress, quiet
from fairlead.workspace import Workspace


def report(  # noqa: PLR0913 - what, into which files, as of when
    workspace: Workspace,
    *,
    pdf: Path | None = None,
    html: Path | None = None,
    as_of: Day = None,
    tier: int | None = None,
    now: datetime | None = None,
    progress: Progress = quiet,
) -> tuple[Path, ...]:
    """Write the scoreboard, or a tier, to `pdf` and to `html`; each file is written whole or not at all.

    Raises Refused when no file is named, when one cannot be written, or before the first build.
    """
    if pdf is None and html is None:
        raise Refused([BAD_QUESTION.broken("no file was named.", hint="Add `--pdf FILE`, `--html FILE` or both.")])
    told = gathered(workspace, as_of=as_of, tier=tier, now=now, progress=progress)
    if pdf is not None:
        from fairlead.actions.reports.pdf import to_pdf

        progress("setting the PDF", 0, 1)
        write_file(pdf, to_pdf(told))
    if html is not None:
        from fairlead.actions.reports.page import to_html

        progress("writing the page", 0, 1)
        write_file(html, to_html(told).encode())
    return tuple(path for path in (pdf, html) if path is not None)


def gathered(
    workspace: Workspace,
    *,
    as_of: Day = None,
    tier: int | None = None,
    now: datetime | None = None,
    progress: Progress = quiet,
) -> Pack:
    """Everything that stands in the report; raises Refused before the first build, and for a tier there is not."""
    now = now or datetime.now(UTC)
    if tier is not None and tier not in TIERS:
        raise Refused([BAD_QUESTION.broken(f"there is no tier {tier}.", hint="Tiers are 1, 2 and 3.")])
    published(workspace)
    progress("asking for the scoreboard", 0, 1)
    board = scoreboard(workspace, tier=tier, as_of=as_of, now=now)
    missed = [score for score in board.scores if score.status is Status.MISSED]
    charts: dict[str, Drawing] = {}
    for done, score in enumerate(missed):
        progress("drawing", done, len(missed))
        charts[score.metric] = course(workspace, Asked((score.metric,), as_of=as_of), now=now)
    return pack(board, workspace.model, tier, _reasons(workspace, missed, as_of, now), charts)


def _reasons(workspace: Workspace, missed: Sequence[Score], as_of: Day, now: datetime) -> dict[str, Why]:
    """Why each of them moved in the last period, from one query."""
    known = [score for score in missed if len(score.history) > 1]
    if not known:
        return {}
    start, end = known[0].history[-2][0], known[0].history[-1][0]
    build = build_for(workspace, Asked((), as_of=as_of), None, now=now)
    return moves(workspace, [score.metric for score in known], start=start, end=end, build=build, now=now)
