"""Open the desk of a workspace: configure Django from it and bring its database up to date."""

import hashlib
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor

from fairlead.desk import settings as constant
from fairlead.desk.database import database
from fairlead.desk.laws import DESK_DATABASE, DESK_NEWER
from fairlead.desk.secret import OWNER_ONLY, secret_key
from fairlead.problem import Refused, Where

if TYPE_CHECKING:
    from fairlead.workspace import Workspace

LOCAL = ("localhost", "127.0.0.1", "[::1]")
ADDRESS = "address"
FIRST_ADDRESS = "http://127.0.0.1:8000"


def open_desk(workspace: "Workspace", *, host: str = "127.0.0.1") -> None:
    """Make Django's models, pages and database those of `workspace`. Cheap when they are already."""
    configure(workspace, host)
    if not apps.ready:
        try:
            django.setup()
        except ImproperlyConfigured as error:
            raise Refused([_unreachable(error)]) from error
    try:
        migrate()
    except (DatabaseError, ImproperlyConfigured) as error:
        raise Refused([_unreachable(error)]) from error


def configure(workspace: "Workspace", host: str) -> None:
    """Settings from the workspace; a process that has opened another one is pointed at this one."""
    computed = from_workspace(workspace, host)
    if not settings.configured:
        same = {name: getattr(constant, name) for name in dir(constant) if name.isupper()}
        settings.configure(**same | computed)
        return
    if workspace.root != settings.FAIRLEAD_ROOT:
        _point_at(computed)


def _point_at(computed: dict[str, Any]) -> None:
    """Give a process that served one workspace the settings of another; its old connections are closed."""
    connections.close_all()
    for name, value in computed.items():
        setattr(settings, name, value)
    vars(connections).pop("settings", None)
    connections.__init__()  # type: ignore[misc]  # Django's own way of reading DATABASES again


def served_at(workspace: "Workspace", url: str) -> None:
    """Remember in .fairlead/address where the desk answers, for the links that other commands print."""
    (workspace.root / ".fairlead" / ADDRESS).write_text(url + "\n", encoding="utf-8")


def own_address(workspace: "Workspace") -> str:
    """Where people find this desk: behind HTTPS the first of its hosts, otherwise where it was last served."""
    desk, told = workspace.config.desk, workspace.root / ".fairlead" / ADDRESS
    if desk.https and desk.hosts:
        return f"https://{desk.hosts[0]}"
    return told.read_text(encoding="utf-8").strip() if told.exists() else FIRST_ADDRESS


def configured() -> None:
    """Django with the settings that are the same for every workspace, where none was opened: not to serve with."""
    if not settings.configured:
        settings.configure(**{name: getattr(constant, name) for name in dir(constant) if name.isupper()})
    if not apps.ready:
        django.setup()


def from_workspace(workspace: "Workspace", host: str) -> dict[str, Any]:
    """The settings that differ from one workspace to the next."""
    folder, desk = workspace.root / ".fairlead", workspace.config.desk
    # Cookies know no ports: two desks on one machine would sign each other's people out if they shared a name.
    own = hashlib.sha256(str(workspace.root.resolve()).encode()).hexdigest()[:8]
    return {
        "FAIRLEAD_ROOT": workspace.root,
        "SECRET_KEY": secret_key(folder),
        "DATABASES": {"default": database(folder, desk.database)},
        "ALLOWED_HOSTS": [*LOCAL, host, socket.gethostname().lower(), *desk.hosts],
        "SESSION_COOKIE_NAME": f"fairlead_session_{own}",
        "CSRF_COOKIE_NAME": f"fairlead_form_{own}",
        **(_behind_https(desk.hosts) if desk.https else {}),
    }


def migrate() -> None:
    """Bring the database to this version's tables; refused when it is ahead of them."""
    connection = connections["default"]
    executor = MigrationExecutor(connection)
    known, ours = set(executor.loader.disk_migrations), {app.label for app in apps.get_app_configs()}
    ahead = sorted(f"{app}.{name}" for app, name in executor.loader.applied_migrations if app in ours) if known else []
    ahead = [name for name in ahead if tuple(name.split(".", 1)) not in known | set(executor.loader.replacements)]
    if ahead:
        raise Refused([DESK_NEWER.broken(f"The desk's database has tables of a newer version ({', '.join(ahead)}).")])
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)
    if connection.vendor == "sqlite":
        Path(connection.settings_dict["NAME"]).chmod(OWNER_ONLY)


def _behind_https(hosts: tuple[str, ...]) -> dict[str, Any]:
    """For a desk behind a proxy that speaks HTTPS and sets X-Forwarded-Proto."""
    return {
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
        "SECURE_HSTS_SECONDS": 365 * 24 * 3600,
        "CSRF_TRUSTED_ORIGINS": [f"https://{host}" for host in hosts],
    }


def _unreachable(error: Exception) -> Any:
    said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    return DESK_DATABASE.broken(f"The desk's database cannot be used: {said}.", Where("fairlead.yaml"))
