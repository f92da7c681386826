"""Static files whose addresses carry the digest of their content: browsers keep them for a year, and never too long."""

import hashlib
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


class StampedStorage(StaticFilesStorage):
    """`desk/desk.css` is at `/static/desk/desk.css?v=1a2b3c4d`; nothing is collected or copied anywhere."""

    def url(self, name: str | None) -> str:
        return f"{super().url(name)}?v={_digest(name or '')}"


@cache
def _digest(name: str) -> str:
    file = finders.find(name)
    if not isinstance(file, str):
        raise FileNotFoundError(f"no static file {name}")
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()[:8]
