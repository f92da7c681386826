"""The same lines counted by other switches than those of a build: what is seen otherwise, and which switch it is."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from fairlead.actions.asking import Opened
from fairlead.analysis import revenue_report as report
from fairlead.analysis.revenue_report import Asked
from fairlead.model.revenue import Switches, differing
from fairlead.values import Query

if TYPE_CHECKING:
    import pyarrow as pa


NOT_ASKED = ("lens_account_year", "lens_customer_start", "lens_renewal")  # by nothing that a lens answers
MOVEMENTS = "mart.mrr_movement"  # builds of older programs have none


class Apart(NamedTuple):
    """What an account moved by one kind in a period, as we tell it and as a lens does, where they differ.

    Of no period is `opening`, the revenue at the start. Of `nrr` is the money that counts in it.
    """

    period: str
    kind: str
    ours: Decimal
    theirs: Decimal


class Difference(NamedTuple):
    """An account that is counted otherwise: revenue on the last day as it `was` and as it `would_be`, and why.

    `moved` is the money in the time asked for that is told otherwise, once and without sign: movements of another kind
    or day, or, where that is more, what is otherwise in NRR; `told` says where. `why` names the switches that alone
    make a difference for it; all that differ, where only several together do.
    """

    account_id: str
    account: str | None
    was: Decimal
    would_be: Decimal
    moved: Decimal
    why: tuple[str, ...]
    told: tuple[Apart, ...] = ()


def counted(opened: Opened, currency: str, switches: Switches) -> Mapping[str, "pa.Table"]:
    """The tables of revenue under these switches, made from the lines of the build, by the names of `LENS`."""
    clock = report.clock_row(opened.as_of, opened.timezone, currency, is_past=opened.is_past)
    given = {"lens_clock": opened.reader.rows(clock)}
    for step in report.lens_steps(switches):
        if step.name in NOT_ASKED:
            continue
        given[step.name] = opened.reader.rows(step, given)
    return given


def differences(  # noqa: PLR0913, PLR0917 - both ways of counting, and what is asked of them
    opened: Opened, currency: str, asked: Asked, ours: Switches, given: Mapping[str, "pa.Table"], theirs: Switches
) -> Sequence[Difference]:
    """The accounts that `theirs`, counted as `given`, sees otherwise than the build does by `ours`.

    Both are told as each would tell the question. Each switch in which they differ is tried alone to learn whom it is
    about.
    """

    def apart(switches: Switches) -> Query:
        return report.apart(asked.under(ours), asked.under(switches))

    rows = opened.reader.rows(apart(theirs), given).to_pylist()
    if not rows:
        return ()
    names = differing(ours, theirs)
    touched: dict[str, frozenset[str]] = {}
    for name in names:
        switches = ours.model_copy(update={name: getattr(theirs, name)})
        told = opened.reader.rows(apart(switches), counted(opened, currency, switches))
        touched[name] = frozenset(told["account_id"].to_pylist())
    return [Difference(**row, why=tuple(n for n in names if row["account_id"] in touched[n]) or names) for row in rows]


def told_apart(
    opened: Opened, asked: Asked, ours: Switches, given: Mapping[str, "pa.Table"], theirs: Switches
) -> Mapping[str, tuple[Apart, ...]]:
    """Of each account that differs, by its id, in which periods and kinds; in their order."""
    found: dict[str, list[Apart]] = defaultdict(list)
    for row in opened.reader.rows(report.told_apart(asked.under(ours), asked.under(theirs)), given).to_pylist():
        period = asked.periods[row["place"]].name if row["place"] >= 0 else ""
        found[row["account_id"]].append(Apart(period, row["kind"], row["ours"], row["theirs"]))
    return {account: tuple(parts) for account, parts in found.items()}
