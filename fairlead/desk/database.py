"""Where the desk keeps people and what they did: SQLite in the workspace, or PostgreSQL by URL."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from fairlead.desk.laws import DESK_DATABASE
from fairlead.problem import Refused, Where

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",  # a writer waits for its turn at BEGIN, instead of failing in the middle
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}


def database(folder: Path, url: str | None) -> dict[str, Any]:
    """Django's description of the database: `folder`/desk.sqlite3 without a `url`.

    >>> database(Path("/acme/.fairlead"), "postgresql://fair:lead@db.acme.com/desk?sslmode=require")["HOST"]
    'db.acme.com'
    """
    if url is None:
        file = folder / "desk.sqlite3"
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(file), "OPTIONS": SQLITE_OPTIONS}
    try:
        return _postgresql(url)
    except ValueError:
        # Neither the address nor what was wrong with it is repeated: both may hold the password.
        said = DESK_DATABASE.broken("The desk's database is not a PostgreSQL address.", Where("fairlead.yaml"))
        raise Refused([said]) from None


def _postgresql(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    name = unquote(parts.path.strip("/"))
    if parts.scheme not in ("postgres", "postgresql") or not name:
        raise ValueError("not postgresql://HOST/NAME")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": dict(parse_qsl(parts.query)),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
