"""The workspace's secret key, which signs sessions and forms: made once, kept in .fairlead/secret, mode 600."""

import os
import secrets
from pathlib import Path

OWNER_ONLY = 0o600


def secret_key(folder: Path) -> str:
    """The key in `folder`, made on first use. Two processes that make it at once agree on one of the two."""
    file = folder / "secret"
    if not file.exists():
        _make(file)
    file.chmod(OWNER_ONLY)
    return file.read_text(encoding="ascii").strip()


def _make(file: Path) -> None:
    """Written whole under a name of its own first: nobody ever reads half a key."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"secret.{os.getpid()}.{secrets.token_hex(4)}")
    draft.touch(mode=OWNER_ONLY)
    try:
        draft.write_text(secrets.token_urlsafe(48), encoding="ascii")
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
