"""The metrics the benches ask for: fifteen about deals, ten about activities."""

from pathlib import Path

import yaml

# name: aggregate, expression, predicate; each over the closed deals of a period.
DEAL_MEASURES = {
    "won": ("count", "*", "is_won"),
    "lost": ("count", "*", "is_closed and not is_won"),
    "closed": ("count", "*", "is_closed"),
    "bookings": ("sum", "amount_converted", "is_won"),
    "lost_amount": ("sum", "amount_converted", "is_closed and not is_won"),
    "new_bookings": ("sum", "amount_converted", "is_won and kind = 'new'"),
    "expansion_bookings": ("sum", "amount_converted", "is_won and kind = 'expansion'"),
    "renewal_bookings": ("sum", "amount_converted", "is_won and kind = 'renewal'"),
    "marketing_bookings": ("sum", "amount_converted", "is_won and is_marketing_sourced"),
    "largest_deal": ("max", "amount_converted", "is_won"),
    "days_to_win": ("avg", "days_to_close", "is_won"),
    "days_to_lose": ("avg", "days_to_close", "is_closed and not is_won"),
    "pushes": ("sum", "pushes", "is_closed"),
}
RATIOS = {
    "win_rate": ("won", "closed"),
    "average_deal": ("bookings", "won"),
    "marketing_share": ("marketing_bookings", "bookings"),
    "pushes_per_deal": ("pushes", "closed"),
}
OPERANDS = ("marketing_bookings", "pushes")
ACTIVITY_MEASURES = {
    f"{direction}_{kind}s": ("count", "*", f"kind = '{kind}' and direction = '{direction}'")
    for kind in ("call", "email", "meeting", "task")
    for direction in ("inbound", "outbound")
} | {"activities": ("count", "*", "not automated"), "automated_activities": ("count", "*", "automated")}

# Measures and metrics share one namespace, so a measure's metric is the measure's name with a word in front.
DEAL_METRICS = (*(f"m_{name}" for name in DEAL_MEASURES if name not in OPERANDS), *RATIOS)
ACTIVITY_METRICS = tuple(f"m_{name}" for name in ACTIVITY_MEASURES)


def measure(table: str, at: str, aggregate: str, expression: str, where: str) -> dict[str, str]:
    return {"from": table, aggregate: expression, "where": where, "at": at}


def metric(**value: object) -> dict[str, object]:
    """A metric with the rest of what a metric has to have."""
    rest = {"definition": "For the benches.", "unit": "ratio", "better": "neither", "tier": 3, "owner": "revops"}
    return {**rest, "group": "pipeline_health", "target": {"at_least": 0}, "plan": "None.", **value}


def write_model(workspace: Path) -> None:
    """A workspace's settings and a model of nothing but these metrics and their owner."""
    deals = {name: measure("facts_opportunity", "closed_at", *told) for name, told in DEAL_MEASURES.items()}
    activities = {name: measure("activity", "at", *told) for name, told in ACTIVITY_MEASURES.items()}
    plain = {f"m_{name}": metric(measure=name) for name in (*deals, *activities) if name not in OPERANDS}
    ratios = {name: metric(ratio=list(pair)) for name, pair in RATIOS.items()}
    files = {
        "fairlead.yaml": {"company": "Bench", "currency": "EUR", "timezone": "UTC", "today": "2026-01-01"},
        "model/metrics.yaml": {"measures": deals | activities, "metrics": plain | ratios},
        "model/people.yaml": {"roles": {"revops": {"function": "revops"}}},
    }
    (workspace / "model").mkdir(parents=True, exist_ok=True)
    (workspace / "data").mkdir(exist_ok=True)
    for name, content in files.items():
        (workspace / name).write_text(yaml.safe_dump(content, sort_keys=False))
