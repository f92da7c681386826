"""Programs that use the REST API: their tokens, and every operation there is."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

if TYPE_CHECKING:
    from fairlead.desk.people.models import User

Get = Callable[..., Any]
IN_ADDRESSES = {"name": "win_rate", "build": "2026", "a": "2026", "b": "2026", "subject": "lifecycle"}
IN_ADDRESSES |= {"stage": "marketing_qualified", "handoff": "mql_to_sql", "record": "salesforce:006Hc0000000238IAR"}
OF_RECORDS = {"subject": "opportunity"}  # where the part is the kind of a record, not a subject of the model
NEEDED = {"/api/ask": {"metrics": "win_rate"}, "/api/why": {"metric": "win_rate", "from": "2026-09", "to": "2026-10"}}


def token_of(user: "User", label: str = "test", days: int = 1) -> str:
    from django.utils import timezone

    from fairlead.desk.people.tokens import make

    return make(user, label, now=timezone.now(), days=days)


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def operations() -> Iterator[tuple[str, str]]:
    """Every operation there is, its address filled in; one added later is in these tests unasked."""
    from fairlead.desk.api.description import openapi

    for path, methods in openapi()["paths"].items():
        address = path.format_map(IN_ADDRESSES | (OF_RECORDS if "{record}" in path else {}))
        for method in methods:
            query = urlencode(NEEDED.get(path, {}))
            yield method, f"{address}?{query}" if query else address
