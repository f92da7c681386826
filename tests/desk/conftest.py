"""One desk for all tests, each in a transaction that is rolled back.

The cast: Alice owns, Bob is on the team, Charlie may not.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode

import pytest

from fairlead.actions.building import builds
from fairlead.actions.scoreboard import Scoreboard
from fairlead.desk import NewUser
from fairlead.desk.opening import open_desk
from fairlead.workspace import Workspace, open_workspace
from tests.desk.board import BOARD
from tests.desk.programs import Get, bearer, token_of
from tests.desk.served import Cookie, serving, signed_in
from tests.shelf import from_shelf

if TYPE_CHECKING:
    from django.test import Client
    from playwright.sync_api import Browser, Page

    from fairlead.desk.people.models import User
    from tests.desk.copies import Two


pytest.register_assert_rewrite("tests.desk.looking")


class Visit(NamedTuple):
    """A served desk, and the cookies of somebody signed in to it."""

    url: str
    cookies: list[Cookie]


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


@pytest.fixture(scope="session")
def company(halyard: Path) -> Workspace:
    """The demo company, small, synced once: numbers, builds and a model for every page. Nobody writes to it."""
    return open_workspace(halyard)


@pytest.fixture(scope="session")
def two(company: Workspace, tmp_path_factory: pytest.TempPathFactory) -> "Two":
    """The demo company synced once more. Only to be read.

    In between a definition changed, two deals were taken away, one came late and one belongs to nobody.
    """
    from tests.desk.copies import Two, changed

    root = from_shelf("two", lambda folder: changed(company, folder), tmp_path_factory.mktemp("two") / "acme")
    second, first = builds(open_workspace(root))
    return Two(open_workspace(root), first.build, second.build)


@pytest.fixture(scope="session")
def company_to_serve(company: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the demo company, for desks in processes of their own: those let in people who stay."""
    from tests.desk.copies import copied

    return copied(company, tmp_path_factory.mktemp("served") / "halyard").root


@pytest.fixture(scope="session")
def company_served(company_to_serve: Path) -> Iterator[Visit]:
    """The demo company's desk, served by a process of its own, and what signs a browser in as its first owner."""
    with serving(company_to_serve, "--real") as running:
        yield Visit(running.url, signed_in(running))


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Chromium; a module at a time, for Django does not answer in a thread that drives one. No test uses both."""
    from tests.desk.browser import chromium

    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def company_page(browser: "Browser", company_served: Visit) -> Iterator["Page"]:
    """A page of the demo company's desk, signed in. `page.goto("/tree/")` opens an address of it."""
    context = browser.new_context(base_url=company_served.url, viewport={"width": 1440, "height": 900})
    context.add_cookies(company_served.cookies)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


@pytest.fixture
def desk(acme: Workspace) -> Iterator[Workspace]:
    """The open desk of acme, as it was before anybody used it."""
    with opened_desk(acme):
        yield acme


@pytest.fixture
def company_desk(company: Workspace) -> Iterator[Workspace]:
    """The open desk of the demo company. A test that asks for it has its people and its client on it."""
    with opened_desk(company):
        yield company


@pytest.fixture
def opened(request: pytest.FixtureRequest) -> Workspace:
    """The desk this test is about: the demo company's where the test asks for it, else acme's."""
    name = "company_desk" if "company_desk" in request.fixturenames else "desk"
    workspace: Workspace = request.getfixturevalue(name)
    return workspace


@pytest.fixture
def alice(opened: Workspace) -> "User":
    return _user("alice", "Alice Fairweather", "owner")


@pytest.fixture
def bob(opened: Workspace) -> "User":
    return _user("bob", "Bob Okafor", "team")


@pytest.fixture
def charlie(opened: Workspace) -> "User":
    return _user("charlie", "Charlie Nkemelu", "none")


@pytest.fixture
def client(opened: Workspace) -> "Client":
    """A browser that checks forms as a real one does."""
    from django.test import Client

    return Client(enforce_csrf_checks=False)


@pytest.fixture
def program(company_desk: Workspace, bob: "User") -> Any:
    """Bob's program: a client with his token and no session."""
    from django.test import Client

    return Client(enforce_csrf_checks=True, headers=bearer(token_of(bob)))


@pytest.fixture
def get(program: Any) -> Get:
    """The JSON at an address, numbers exact."""

    def answered(address: str, status: int = 200, **query: Any) -> Any:
        given = program.get(f"{address}?{urlencode(query, doseq=True)}" if query else address)
        assert given.status_code == status, given.content[:500]
        return json.loads(given.content, parse_float=Decimal)

    return answered


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


@contextmanager
def opened_desk(workspace: Workspace) -> Iterator[None]:
    """The desk of a workspace in a transaction that is rolled back."""
    open_desk(workspace)
    from django.contrib.auth import get_user_model
    from django.db import transaction
    from django.test.utils import override_settings

    fast = {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"], "ALLOWED_HOSTS": ["testserver"]}
    with override_settings(**fast), transaction.atomic():
        assert not get_user_model().objects.exists(), "a test has left people behind"
        yield
        transaction.set_rollback(True)


def _user(username: str, name: str, access: str) -> "User":
    from fairlead.desk.people.users import add

    return add(NewUser(username, name, f"{username}@acme.com", access, PASSWORD))


@pytest.fixture
def page(company_desk: Workspace, client: "Client", bob: "User") -> "Client":
    """Bob, signed in on the desk of the demo company."""
    client.force_login(bob)
    return client
