"""Disputes about definitions: raised with a worked example, kept in the model's own text, settled once.

dispute()  ──> one more item under `disputes:` of model/decisions.yaml, everything else left as it is
settle()   ──> further keys in that item          contested()  ──> each one tried against today's definition
"""

import os
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from pydantic import ValidationError

from fairlead.actions.examples import Example, Outcome, can_try, reckoned
from fairlead.actions.laws import BAD_DISPUTE, NO_OWN_MODEL, NOT_WRITTEN, UNKNOWN_METRIC
from fairlead.model.agreed import plain
from fairlead.model.check_disputes import words
from fairlead.model.decisions import Dispute
from fairlead.model.examples import agree, operands_of
from fairlead.model.insertion import UnfitError, with_item, with_keys
from fairlead.model.load import reread
from fairlead.model.metrics import Metric
from fairlead.model.whole import Model
from fairlead.problem import Problem, Refused, Where, did_you_mean
from fairlead.values import in_words
from fairlead.workspace import MODEL, Workspace

FILE = "decisions.yaml"
HEAD = "# Disputes about definitions; see docs/decisions/disputes.md.\n"
LONGEST = 2000
BOM = "\ufeff"


class Contested(NamedTuple):
    """A dispute as it stands: `found` is what the definition gives for its example today, None where undefined.

    `holds` says whether that is what is claimed; None without an example that can be tried. `number` counts the
    disputes of the file from 1; `label` is the word in words.
    """

    number: int
    dispute: Dispute
    where: Where
    found: float | None
    holds: bool | None
    label: str


def contested(workspace: Workspace, term: str | None = None) -> tuple[Contested, ...]:
    """Every dispute, or those about one word by any of its names, in the order of the file."""
    model = workspace.model
    wanted = _canonical(model, term) if term is not None else None
    return tuple(c for c in _all_contested(model) if wanted in (None, _canonical(model, c.dispute.term)))


@lru_cache(maxsize=4)
def _all_contested(model: Model) -> tuple[Contested, ...]:
    """Every dispute, all their examples tried in one query; a model never changes."""
    disputes = model.decisions.disputes
    examples = {n: Example(metric.name, d.given) for n, d in enumerate(disputes) if (metric := _tried_by(model, d))}
    outcomes = dict(zip(examples, reckoned(model, tuple(examples.values())), strict=True)) if examples else {}
    return tuple(_contested(model, n, d, outcomes.get(n)) for n, d in enumerate(disputes))


def _tried_by(model: Model, one: Dispute) -> Metric | None:
    """The metric whose definition the example of a dispute is tried by; None without an example that fits it."""
    metric = model.metric(one.term)
    fits = metric is not None and can_try(model, metric) and set(one.given) == set(operands_of(model, metric))
    return metric if one.given and fits else None


def _contested(model: Model, number: int, one: Dispute, outcome: Outcome | None) -> Contested:
    metric = model.metric(one.term)
    return Contested(
        number=number + 1,
        dispute=one,
        where=model.where("decisions", "disputes", str(number)),
        found=outcome.value if outcome else None,
        holds=agree(outcome.value, one.gives, one.given) if outcome and not outcome.fault else None,
        label=metric.title if metric else in_words(one.term),
    )


def _canonical(model: Model, term: str) -> str:
    metric = model.metric(term)
    return metric.name if metric else term


def dispute(  # noqa: PLR0913 - the parts of a dispute
    workspace: Workspace,
    *,
    term: str,
    says: str,
    by: str,
    given: Mapping[str, float | None] | None = None,
    gives: float | None = None,
    raised_in: str = "",
    now: datetime | None = None,
) -> Dispute:
    """Record that a definition is disputed, at the end of model/decisions.yaml, whose other lines stay as they are.

    `given` and `gives` are a worked example: values of the metric's operands, and what it should then give (None:
    undefined). Raises Refused, and writes nothing, when the word is unknown, the example does not fit or the file
    cannot take it. Several at once each wait for the other.
    """
    now = now or datetime.now(UTC)
    said = {
        "term": _canonical(workspace.model, term.strip()),
        "says": _line(says),
        "raised_by": _line(by),
        "raised_on": now.astimezone(workspace.zone).date(),
        "raised_in": _line(raised_in),
        "given": {name: _whole(value) for name, value in (given or {}).items()},
        "gives": _whole(gives),
    }
    new = _valid(said)
    if faults := _faults(workspace.model, new, gives):
        raise Refused(faults)

    def with_it(before: Model, text: str) -> tuple[str, tuple[Dispute, ...]]:
        _refuse_twice(before, new)
        kept = {k: v for k, v in said.items() if v not in ("", {}) and (k != "gives" or new.given)}
        return with_item(text, "disputes", kept), (*before.decisions.disputes, new)

    _edit(workspace, with_it)
    return new


def settle(  # noqa: PLR0913 - the parts of a settlement
    workspace: Workspace,
    *,
    term: str,
    how: str,
    by: str,
    agreed: bool | None = None,
    number: int | None = None,
    now: datetime | None = None,
) -> Dispute:
    """Record how the open dispute about a word was settled; `number` (as in `contested`) where several are open.

    `agreed` says whether the definition is from now on to give the example: True when the disputant is right.
    Raises Refused when there is no such open dispute, or an example and no word on it.
    """
    now = now or datetime.now(UTC)
    more: dict[str, Any] = {
        "settled": _line(how),
        "settled_on": now.astimezone(workspace.zone).date(),
        "settled_by": _line(by),
    }
    if not more["settled"] or not more["settled_by"]:
        raise Refused([BAD_DISPUTE.broken("A settlement says how, and by whom.")])
    if agreed is not None:
        more["agreed"] = agreed
    ended: list[Dispute] = []

    def with_it(before: Model, text: str) -> tuple[str, tuple[Dispute, ...]]:
        place = _open_one(before, _canonical(workspace.model, term.strip()), number)
        every = list(before.decisions.disputes)
        if every[place].given and agreed is None:
            raise Refused([BAD_DISPUTE.broken("It has an example: say whether the definition is to give it.")])
        every[place] = every[place].model_copy(update=more)
        ended.append(every[place])
        return with_keys(text, "disputes", place, more), tuple(every)

    _edit(workspace, with_it)
    return ended[0]


def _open_one(model: Model, term: str, number: int | None) -> int:
    """The place of the one open dispute that is meant, from 0."""
    places = [n for n, d in enumerate(model.decisions.disputes) if d.is_open and _canonical(model, d.term) == term]
    if number is not None:
        places = [n for n in places if n == number - 1]
    if len(places) == 1:
        return places[0]
    if not places:
        raise Refused([BAD_DISPUTE.broken(f"There is no such open dispute about '{term}'.")])
    numbers = ", ".join(str(n + 1) for n in places)
    raise Refused([BAD_DISPUTE.broken(f"Several disputes about '{term}' are open: say which, {numbers}.")])


def _valid(said: Mapping[str, Any]) -> Dispute:
    try:
        return Dispute.model_validate(dict(said))
    except ValidationError as bad:
        told = bad.errors(include_url=False)[0]
        message = f"{'.'.join(map(str, told['loc']))}: {told['msg'].lower()}."
        raise Refused([BAD_DISPUTE.broken(message)]) from bad


def _faults(model: Model, new: Dispute, gives: float | None) -> list[Problem]:  # noqa: PLR0911 - one a fault
    """What is wrong with a dispute before it is written down."""
    if not new.term or not new.says or not new.raised_by:
        return [BAD_DISPUTE.broken("A dispute names the word, what is wrong with it, and who says so.")]
    if longer := next((n for n in ("says", "raised_by", "raised_in") if len(getattr(new, n)) > LONGEST), None):
        return [BAD_DISPUTE.broken(f"{longer}: longer than {LONGEST} letters.")]
    metric, known = model.metric(new.term), words(model)
    if metric is None and new.term not in known:
        return [UNKNOWN_METRIC.broken(f"the dictionary has no '{new.term}'.", hint=did_you_mean(new.term, known))]
    if metric is None and new.given:
        return [BAD_DISPUTE.broken(f"'{new.term}' is no metric, so an example of it cannot be tried.")]
    if gives is not None and not new.given:
        return [BAD_DISPUTE.broken("An example needs what is given as well as what it should give.")]
    operands = operands_of(model, metric) if metric else ()
    if new.given and set(new.given) != set(operands):
        wrong = next((name for name in new.given if name not in operands), None)
        hint = did_you_mean(wrong, operands) if wrong else None
        message = f"An example of {new.term} gives a value to each of {', '.join(operands) or 'nothing'}."
        return [BAD_DISPUTE.broken(message, hint=hint)]
    return []


def _refuse_twice(before: Model, new: Dispute) -> None:
    for number, old in enumerate(before.decisions.disputes):
        same = (old.term, old.says, dict(old.given), old.gives) == (new.term, new.says, dict(new.given), new.gives)
        if old.is_open and same:
            where = before.where("decisions", "disputes", str(number))
            raise Refused([BAD_DISPUTE.broken("Just this is disputed already.", where, "Settle that one first.")])


def _edit(workspace: Workspace, change: Callable[[Model, str], tuple[str, tuple[Dispute, ...]]]) -> None:
    """Change the text of decisions.yaml under the lock, and replace it only when it then says what it should."""
    folder = workspace.root / MODEL
    if not folder.is_dir():
        message = "This workspace has no model of its own: it uses the one that comes with Fairlead."
        raise Refused([NO_OWN_MODEL.broken(message, Where(str(folder)))])
    path = (folder / FILE).resolve()
    try:
        with workspace.lake.editing():
            raw = path.read_bytes() if path.exists() else HEAD.encode()
            text = raw.decode("utf-8-sig").replace("\r\n", "\n")
            before, faults = reread(workspace.model, "decisions", text)
            if errors := [p for p in faults if p.is_error]:
                raise Refused(errors)
            fresh, disputes = change(before, text)
            _verify(before, fresh, disputes, path)
            ending = "\r\n" if b"\r\n" in raw else "\n"
            _replace(path, (BOM if raw.startswith(BOM.encode()) else "") + fresh.replace("\n", ending))
    except (UnfitError, yaml.YAMLError, UnicodeError) as unfit:
        raise Refused(
            [NOT_WRITTEN.broken(f"Nothing can be added to it: {_first(unfit)}.", Where(str(path)))]
        ) from unfit
    except OSError as failed:
        raise Refused([NOT_WRITTEN.broken(f"{failed.strerror}.", Where(str(path)))]) from failed


def _verify(before: Model, fresh: str, disputes: tuple[Dispute, ...], path: Path) -> None:
    """Refuses a text that would say anything but what was said before with these disputes."""
    after, faults = reread(before, "decisions", fresh)
    wanted = before.decisions.model_copy(update={"disputes": disputes})
    if any(p.is_error for p in faults) or plain(after.decisions) != plain(wanted):
        message = "It is laid out so that adding to it would change what it says."
        raise Refused([NOT_WRITTEN.broken(message, Where(str(path)), "Write the dispute under `disputes:` yourself.")])


def _replace(path: Path, text: str) -> None:
    """Replace the file whole or not at all; its name while it is unfinished is none that a model is read from."""
    fresh = path.with_name(f".{path.name}.unfinished")
    with fresh.open("wb") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    if path.exists():
        shutil.copymode(path, fresh)
    fresh.replace(path)


def _line(text: str) -> str:
    """Text as one line: a form's line breaks say nothing."""
    return " ".join(text.split())


def _whole(value: float | None) -> float | int | None:
    """A whole number without its `.0`."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 10**15 else value


def _first(fault: Exception) -> str:
    return str(fault).splitlines()[0] if str(fault) else type(fault).__name__
