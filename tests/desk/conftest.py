"""One desk for all tests, each in a transaction that is rolled back.

The cast: Alice owns, Bob is on the team, Charlie may not.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fairlead.actions.scoreboard import Scoreboard
from fairlead.desk import NewUser
from fairlead.desk.opening import open_desk
from fairlead.workspace import Workspace, open_workspace
from tests.desk.board import BOARD

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User

PASSWORD = "a long and unlikely phrase"
PEOPLE = """
roles:
  vp_sales: {label: VP Sales, function: sales, holders: [bob@acme.com]}
  revops_lead: {label: RevOps lead, function: revops, holders: [Alice Fairweather]}
"""


def write_workspace(root: Path, more: str = "") -> Workspace:
    """A small workspace at `root`; `more` is further text of fairlead.yaml."""
    (root / "model").mkdir(parents=True, exist_ok=True)
    (root / "fairlead.yaml").write_text(f"company: Acme Robotics\ntimezone: Europe/Berlin\n{more}")
    (root / "model" / "people.yaml").write_text(PEOPLE)
    return open_workspace(root)


@pytest.fixture(scope="session")
def acme(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return write_workspace(tmp_path_factory.mktemp("desk") / "acme")


@pytest.fixture
def desk(acme: Workspace) -> Iterator[Workspace]:
    """The open desk of acme, as it was before anybody used it."""
    open_desk(acme)
    from django.db import transaction
    from django.test.utils import override_settings

    fast = {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"], "ALLOWED_HOSTS": ["testserver"]}
    with override_settings(**fast), transaction.atomic():
        yield acme
        transaction.set_rollback(True)


@pytest.fixture
def alice(desk: Workspace) -> "User":
    return _user("alice", "Alice Fairweather", "owner")


@pytest.fixture
def bob(desk: Workspace) -> "User":
    return _user("bob", "Bob Okafor", "team")


@pytest.fixture
def charlie(desk: Workspace) -> "User":
    return _user("charlie", "Charlie Nkemelu", "none")


@pytest.fixture
def client(desk: Workspace) -> "Client":
    """A browser that checks forms as a real one does."""
    from django.test import Client

    return Client(enforce_csrf_checks=False)


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Show this board (or raise this) instead of asking: `board(EMPTY)`. Starts with one of every kind."""
    from fairlead.desk.pages import scoreboard as page

    def show(shown: Scoreboard | Exception) -> None:
        def verb(workspace: Workspace, **_: object) -> Scoreboard:
            if isinstance(shown, Exception):
                raise shown
            return shown

        monkeypatch.setattr(page, "ask", verb)

    show(BOARD)
    return show


def _user(username: str, name: str, access: str) -> "User":
    from fairlead.desk.people.users import add

    return add(NewUser(username, name, f"{username}@acme.com", access, PASSWORD))
