"""The revenue of the bench by the usual pandas: movements, customers' months, NRR and GRR, and the cohorts' triangle.

Run in an environment of its own, with the Parquet file of the lines; prints its seconds and its answers as JSON.
"""

import json
import sys
import time

import numpy as np
import pandas as pd

began = time.perf_counter()
WHEN = ["starts_on", "ends_on", "paused_on", "resumes_on", "cancelled_on", "billing_ends_on"]
line = pd.read_parquet(
    sys.argv[1],
    columns=[
        "id",
        "account_id",
        "product_id",
        "opportunity_id",
        "currency",
        "mrr",
        "mrr_converted",
        "cancel_kind",
        "cancel_reason",
        "seen_at",
        *WHEN,
    ],
)
for name in WHEN:
    line[name] = pd.to_datetime(line[name])
for name in ("mrr", "mrr_converted"):
    line[name] = (line[name] * 100).astype("int64")
line["billing_end_on"] = line.billing_ends_on.fillna(line.ends_on)
line["scheduled_on"] = line.cancelled_on.fillna(line.ends_on)
line = line.rename(
    columns={
        "id": "line_id",
        "mrr": "own",
        "mrr_converted": "money",
        "cancel_kind": "churn_kind",
        "cancel_reason": "reason",
        "seen_at": "known_at",
    }
)
line["service_end_on"] = line.ends_on
LOSS = ["service_end_on", "billing_end_on", "scheduled_on", "churn_kind", "reason"]
UNIT, DAY = ["account_id", "product_id", "day"], ["account_id", "day"]
TOLD = ["currency", "line_id", "opportunity_id", "known_at"]
AS_OF = pd.Timestamp("2025-12-31")


def turn(day: str, here: int, pause: int = 0, resume: int = 0) -> pd.DataFrame:
    """The lines on the day of that name: what each then adds to its account."""
    rows = line[line[day].notna()]
    found = rows[["account_id", "product_id", *TOLD]].assign(day=rows[day], here=here)
    found = found.assign(
        own=rows.own * here,
        money=rows.money * here,
        pause=rows.money * pause,
        pause_own=rows.own * pause,
        resume=rows.money * resume,
        resume_own=rows.own * resume,
    )
    return pd.concat([found, rows[LOSS]], axis=1) if here < 0 else found


turns = pd.concat(
    [turn("starts_on", 1), turn("ends_on", -1), turn("paused_on", 0, pause=-1), turn("resumes_on", 0, resume=1)]
)
turns["own_in"], turns["own_out"] = turns.own.clip(lower=0), (-turns.own).clip(lower=0)
euro = turns[turns.currency != "USD"]
euro = euro.assign(gained=euro.money.clip(lower=0), given=(-euro.money).clip(lower=0))
rate = euro.groupby(DAY)[["own_in", "own_out", "gained", "given"]].sum()
rate = rate[(rate.own_in > 0) & (rate.own_out > 0)]
both = rate[["own_in", "own_out"]].min(axis=1)
rate["fx"] = np.floor(rate.gained * both / rate.own_in + 0.5) - np.floor(rate.given * both / rate.own_out + 0.5)

sums = ["own", "own_in", "money", "here", "pause", "pause_own", "resume", "resume_own"]
unit = (
    turns.groupby(UNIT)
    .agg(
        **{name: (name, "sum") for name in sums},
        **{name: (name, "max") for name in LOSS},
        currency=("currency", "first"),
        currencies=("currency", "nunique"),
        line_id=("line_id", "first"),
        lines=("line_id", "size"),
        opportunity_id=("opportunity_id", "first"),
        deals=("opportunity_id", "nunique"),
        known_at=("known_at", "max"),
    )
    .reset_index()
)
unit["currency"] = unit.currency.where(unit.currencies == 1)
unit["line_id"] = unit.line_id.where(unit.lines == 1)
unit["opportunity_id"] = unit.opportunity_id.where(unit.deals == 1)
unit = unit.merge(rate[["fx"]].reset_index(), on=DAY, how="left")
unit["fx"] = np.where(unit.own_in > 0, unit.fx.fillna(0), 0).astype("int64")
unit["net"] = unit.money - unit.fx
unit["gained"], unit["given"] = unit.net.clip(lower=0), (-unit.net).clip(lower=0)
unit["moved"] = unit.net + unit.fx + unit.pause + unit.resume

day = unit.groupby(DAY)[["net", "moved", "here", "gained", "given"]].sum().reset_index()
day["mrr_after"] = day.groupby("account_id").moved.cumsum()
day["mrr_before"] = day.mrr_after - day.moved
day["here_after"] = day.groupby("account_id").here.cumsum()
day["paid"] = day.groupby("account_id").mrr_after.cummax().groupby(day.account_id).shift(fill_value=0) > 0
day["was_customer"], day["is_customer"] = day.here_after - day.here > 0, day.here_after > 0
day["kind"] = np.select(
    [
        day.was_customer & day.is_customer & (day.net > 0),
        day.was_customer & day.is_customer,
        day.was_customer,
        day.paid,
    ],
    ["expansion", "contraction", "churn", "reactivation"],
    "new",
)
unit = unit.drop(columns=["gained", "given"]).merge(
    day[[*DAY, "kind", "mrr_before", "mrr_after", "was_customer", "is_customer", "gained", "given", "net"]],
    on=DAY,
    suffixes=("", "_day"),
)
mixed = (unit.gained > 0) & (unit.given > 0)
way = ((unit.net > 0) == (unit.net_day > 0)) & (unit.net != 0)
unit["part"] = np.where(mixed, np.where(way, unit.net_day, 0), unit.net)
unit["transfer"] = unit.net - unit.part
unit["part_own"] = np.where(unit.net == 0, 0, np.round(unit.own * unit.part / unit.net.replace(0, 1)))
unit["transfer_own"], unit["fx_own"] = unit.own - unit.part_own, 0
SHOWN = [*UNIT, "mrr_before", "mrr_after", "was_customer", "is_customer", *TOLD]
moved = pd.concat(
    [
        unit[[*SHOWN, *LOSS, "kind"]].assign(amount_converted=unit.part, amount=unit.part_own),
        *(
            unit[SHOWN].assign(kind=kind, amount_converted=unit[kind], amount=unit[kind + "_own"])
            for kind in ("transfer", "fx", "pause", "resume")
        ),
    ]
)
moved = moved[moved.amount_converted != 0]
moved["amount"] = moved.amount.where(moved.currency.notna())
moved["is_scheduled"] = moved.day > AS_OF
moved.loc[~moved.kind.isin(["churn", "contraction"]), LOSS] = None

told = moved[~moved.is_scheduled].copy()
told["month"] = told.day.dt.to_period("M")
NET = ["new", "expansion", "contraction", "churn", "reactivation"]
told["column"] = np.where(told.kind.isin(NET), "net", told.kind.replace({"resume": "pause"}))
month = told.pivot_table(
    index=["account_id", "month"], columns="column", values="amount_converted", aggfunc="sum", fill_value=0
)
there = (
    told.sort_values("day")
    .groupby(["account_id", "month"])
    .agg(was_customer=("was_customer", "first"), is_customer=("is_customer", "last"))
)
grid = pd.MultiIndex.from_product(
    [told.account_id.unique(), pd.period_range(told.month.min(), "2025-12", freq="M")], names=["account_id", "month"]
)
month = month.join(there).reindex(grid)
month[["net", "fx", "pause", "transfer"]] = month[["net", "fx", "pause", "transfer"]].fillna(0)
month["moved"] = month.net + month.fx + month.pause + month.transfer
month["closing"] = month.groupby("account_id").moved.cumsum()
month["opening"] = month.closing - month.moved
month["paid"] = month.groupby("account_id").closing.cummax().groupby("account_id").shift(fill_value=0) > 0
was, stays = month.was_customer.eq(True), month.is_customer.eq(True)
month["kind"] = np.select(
    [stays & ~month.paid & (month.net > 0), ~was & month.paid, ~was, ~stays, month.net > 0],
    ["new", "reactivation", "new", "churn", "expansion"],
    "contraction",
)
for kind in NET:
    month[kind] = np.where(month.kind == kind, month.net, 0)
month = month[(month[["opening", "closing", "net", "fx", "pause"]] != 0).any(axis=1)].reset_index()
own = np.maximum(month.expansion + month.contraction + month.churn, -month.opening)
own = own.where(month.churn == 0, -month.opening).where(month.opening > 0, 0)
month["gained"], month["lost"] = own.clip(lower=0), -own.clip(upper=0)
paused = month.was_customer.eq(True) & (month.pause > 0)
month["is_lost"] = (month.churn != 0) & ((month.opening > 0) | paused)
month["grown"], month["kept"] = own, -month.lost
rates = month.groupby("month")[["opening", "grown", "kept"]].sum()
first = moved[moved.mrr_after > 0].groupby("account_id").day.min().dt.to_period("M").rename("cohort")
cell = told.merge(first, left_on="account_id", right_index=True).groupby(["cohort", "month"]).amount_converted.sum()
taken = time.perf_counter() - began
print(
    json.dumps(
        [
            taken,
            [[str(m), int(r.opening), int(r.grown), int(r.kept)] for m, r in rates.iterrows()],
            [[str(a), str(b), int(v)] for (a, b), v in cell.items()],
            [
                len(moved),
                int(moved.mrr_after.sum()),
                int(moved.amount.abs().sum()),
                int(moved.reason.notna().sum()),
                len(month),
                int(month.closing.sum()),
                -int(month.churn.sum()),
            ],
        ]
    )
)
