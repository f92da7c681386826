"""docs/api.md: the REST API, from the operations' own description."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from fairlead.desk import operations

if TYPE_CHECKING:
    from fairlead.desk.api.reference import Answer, Group, Operation

Table = Callable[[Sequence[str], Iterable[Sequence[str]]], str]

INTRODUCTION = """\
Every number, what it means and how it came about, as JSON: the same verbs as behind the pages and the commands. A
served desk shows this page with its own addresses at `/api/`, and describes itself to programs at `/api/openapi.json`
(OpenAPI 3.1).

## Begin

```
TOKEN=$(fairlead user token bob --label notebook)
curl -H "Authorization: Bearer $TOKEN" "http://127.0.0.1:8000/api/scoreboard"
curl -H "Authorization: Bearer $TOKEN" "http://127.0.0.1:8000/api/ask?metrics=win_rate&per=quarter&by=account.segment"
curl -H "Authorization: Bearer $TOKEN" -H "Accept: text/csv" "http://127.0.0.1:8000/api/ask?metrics=new_arr&per=month"
```

A token sees what its person sees. It is shown once and kept only as a digest; it is good for a year unless told
otherwise. People make and revoke their own on the account page; `fairlead user token`, `revoke` and `off` do it from
the command line. A browser that is signed in needs no token; to change something it sends the page's form token as
`X-CSRFToken`.

```python
import json, urllib.request
from decimal import Decimal


def get(path):
    asked = urllib.request.Request("http://127.0.0.1:8000" + path, headers={"Authorization": f"Bearer {TOKEN}"})
    with urllib.request.urlopen(asked) as answer:
        return json.loads(answer.read(), parse_float=Decimal)


def every(path):
    while path:
        page = get(path)
        yield from page["items"]
        path = page["next"]


closed = list(every("/api/metrics/win_rate/rows?measure=closed&from=2026-Q3"))
```

## What all answers share

- **Numbers** are JSON numbers with all their digits, in the unit that stands beside them: shares as 0.25, money in
  the company's `currency`. Undefined is `null`, and never zero.
- **Times** are ISO 8601 in UTC: `2026-03-31T15:00:00Z`; `--json` on the command line writes `+00:00` for `Z`. Days and
  periods are the company's: `2026-03-31`, `2026-03`, `2026-Q1`, `2026-W05`, `2026`.
- **Lists** come in pages: `limit` (up to 500) and `offset` in; `total` and `next`, the address of the next page, out.
  The order never varies, so pages cover everything once. They come from one `build`, where an answer names it: when
  it changes between two pages, begin again.
- **Unchanged answers** are not sent twice: every answer has an `ETag`; send it back as `If-None-Match` and get 304
  while nothing was built, edited or seen since. It costs next to nothing to ask.
- **CSV**: with `Accept: text/csv`, `/api/ask` and the rows of a metric are sent whole. Text that a spreadsheet would
  run as a formula is kept as text.
- **One or several**: a parameter with a name in the plural may be repeated. `/api/ask` sets any number of `metrics`
  side by side; `/api/why` splits one `metric`.
- **A parameter that is not known is refused**: `form=2026-01` for `from=2026-01` would answer another question.
- **A refusal** always looks the same, and says what to do; `code` is explained in [laws.md](laws.md):

```json
{"problems": [{"code": "unknown-metric", "severity": "error", "message": "unknown metric 'win_rat'.",
               "hint": "Did you mean 'win_rate'?", "file": null, "line": null}]}
```
"""


def page(table: Table) -> Iterator[str]:
    """The parts of the page, in order."""
    found = operations()
    yield INTRODUCTION.strip()
    yield table(("status", "when"), refusals(found))
    for group in found:
        yield f"## {group.name.capitalize()}"
        yield from (told(operation, table) for operation in group.operations)


def refusals(groups: Iterable["Group"]) -> list[tuple[str, str]]:
    """Every way to be refused, said once."""
    answers = {a.status: a.says for g in groups for o in g.operations for a in o.answers if is_refusal(a)}
    return sorted(answers.items())


def is_refusal(answer: "Answer") -> bool:
    return answer.status >= "4"


def told(operation: "Operation", table: Table) -> str:
    """One operation: what it does, a line to try it with, its parameters."""
    rows = [(f"`{p.name}`" + (" (required)" if p.required else ""), p.kind, p.says) for p in operation.parameters]
    parts = [
        f"### {operation.method} {operation.path}",
        operation.says,
        f"```\n{operation.curl}\n```",
        table(("parameter", "what it may be", "what it is"), rows) if rows else "",
        f"Answers {', '.join(a.status for a in operation.answers)}.",
    ]
    return "\n\n".join(filter(None, parts))
