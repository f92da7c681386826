"""How long it takes when some have not finished yet: Kaplan-Meier curves over counted durations, as SQL.

    durations ──> by curve and duration: ended, still open ──> at risk ──> S(t) ──> first t with S(t) <= 1 - q

S(t) is the product over durations d <= t of 1 - ended(d) / at risk(d); who is still open at d is at risk up to d and
d itself (Kaplan and Meier, Journal of the American Statistical Association 53, 1958). A quantile that the curve does
not come down to is null: more than that share is still there, and nobody knows how long they will be.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

# What is asked of a curve: the name of the column, and the share that has left by then.
QUANTILES: Mapping[str, float] = MappingProxyType({"median": 0.5, "p75": 0.75, "p90": 0.9})
# S(t) is a product of fractions: so far from the bound it has reached it.
CLOSE = 1e-9


def curves(durations: str, by: Sequence[str]) -> str:
    """CTEs up to `curve`: one row a curve (columns `by`) with ended, still_open, median, p75 and p90.

    Ended ones are counted: of a sum over CASE behind an outer join the engine's `FILTER (ended > 0)` finds no row.
    `durations` is a relation with the columns `by`, `seconds` (not negative) and `is_ended`. Quantiles are in seconds.
    """
    keys = ", ".join(by)
    at = f"PARTITION BY {keys} ORDER BY" if by else "ORDER BY"
    group = f"\n  GROUP BY {', '.join(f'a.{key}' for key in by)}" if by else ""
    shown = "".join(f"a.{key}, " for key in by)
    quantiles = ",\n    ".join(
        f"min(a.seconds) FILTER (WHERE a.ended > 0 AND a.survival <= {1 - share:g} + {CLOSE}) AS {name}"
        for name, share in QUANTILES.items()
    )
    listed = f"{keys}, " if by else ""
    return f"""counted AS (
  SELECT {listed}seconds, count(CASE WHEN is_ended THEN 1 END) AS ended, count(*) AS had
  FROM {durations}
  GROUP BY {listed}seconds
),
risked AS (
  SELECT {listed}seconds, ended, had,
    sum(had) OVER ({at} seconds DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS at_risk
  FROM counted
),
survived AS (
  SELECT {listed}seconds, ended, had,
    exp(sum(CASE WHEN ended = at_risk THEN -1000 ELSE ln(1 - CAST(ended AS DOUBLE) / at_risk) END)
      OVER ({at} seconds ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)) AS survival
  FROM risked
),
curve AS (
  SELECT {shown}CAST(sum(a.ended) AS BIGINT) AS ended, CAST(sum(a.had) - sum(a.ended) AS BIGINT) AS still_open,
    {quantiles}
  FROM survived AS a{group}
)"""
