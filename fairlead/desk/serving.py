"""Serve the desk: gunicorn in this process, on a socket we opened ourselves, until Ctrl-C."""

import errno
import os
import signal
import socket
import sys
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]

from fairlead.desk import Ready, Serving
from fairlead.desk.laws import CANNOT_LISTEN, PORT_TAKEN
from fairlead.desk.opening import open_desk, own_address, served_at
from fairlead.problem import Refused

if TYPE_CHECKING:
    from fairlead.workspace import Workspace

TRIES = 100
BACKLOG = 256
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT)


def run(workspace: "Workspace", how: Serving, on_ready: Callable[[Ready], None]) -> None:
    """Serve until Ctrl-C or SIGTERM; then return, in this process only."""
    serving = os.getpid()
    try:
        with listening(how.host, how.port) as listener:
            ready, pages = _prepare(workspace, how, listener)
            Gunicorn(how, listener.detach(), pages, lambda: on_ready(ready)).run()
    except KeyboardInterrupt:
        return
    except SystemExit as stopped:
        # Gunicorn ends by exiting: here that means the desk was stopped, in a worker that the worker must end.
        if os.getpid() != serving or stopped.code:
            raise


def listening(host: str, port: int) -> socket.socket:
    """A socket that is ours from here on: nobody can take the port between looking and serving."""
    try:
        return _bound(host, port)
    except OSError as error:
        raise Refused([_why_not(host, port, error)]) from error


def _bound(host: str, port: int) -> socket.socket:
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


def _why_not(host: str, port: int, error: OSError) -> Any:
    if error.errno != errno.EADDRINUSE:
        return CANNOT_LISTEN.broken(f"Cannot listen on {host}, port {port}: {error.strerror or error}.")
    free = next((other for other in range(port + 1, min(port + TRIES, 65536)) if _is_free(host, other)), None)
    hint = f"Port {free} is free: add --port {free}." if free else PORT_TAKEN.mend
    return PORT_TAKEN.broken(f"Port {port} is taken by another program.", hint=hint)


def _is_free(host: str, port: int) -> bool:
    try:
        _bound(host, port).close()
    except OSError:
        return False
    return True


def _prepare(workspace: "Workspace", how: Serving, listener: socket.socket) -> tuple[Ready, Any]:
    """Everything that can go wrong goes wrong here, before the first request and with a Problem that says so."""
    open_desk(workspace, host=how.host)
    from django.conf import settings
    from django.contrib.sessions.models import Session
    from django.core.wsgi import get_wsgi_application
    from django.db import connections
    from django.utils import timezone

    from fairlead.desk.people.links import link_for
    from fairlead.desk.people.models import User
    from fairlead.desk.people.users import first_owner

    url = address(how.host, listener.getsockname()[1])
    served_at(workspace, url)
    if how.link_for:
        first_owner(how.link_for)
    link = link_for(how.link_for, own_address(workspace)) if how.link_for else None
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    ready = Ready(url, link, User.objects.filter(is_active=True).count())
    pages = get_wsgi_application()
    import_module(settings.ROOT_URLCONF)  # before the workers fork: their first page is not slow
    connections.close_all()  # a worker is a fork of this process and must not share a connection with it
    return ready, pages


def address(host: str, port: int) -> str:
    """Where a browser on this machine finds the desk.

    >>> address("0.0.0.0", 8000), address("::1", 8000)
    ('http://127.0.0.1:8000', 'http://[::1]:8000')
    """
    local = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{local}]:{port}" if ":" in local else f"http://{local}:{port}"


class Steady(Arbiter):  # type: ignore[misc]
    """Gunicorn's master, whose workers hear a signal that reaches them while they start.

    Otherwise a Ctrl-C in the first instant is lost on a worker that has no handlers yet, and stopping waits for it in
    vain. Blocked from before the fork until the worker is ready, the signal waits instead.
    """

    def spawn_worker(self) -> Any:
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        try:
            return super().spawn_worker()
        finally:
            _hear(self)


def _hear(_: Any) -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)


def _leave(_: Any) -> None:
    """A worker on its way out is told so again by its master: once is enough.

    By an empty handler and not by SIG_IGN: Python complains when a signal it has noted is ignored before it is handled.
    """
    for stopping in STOPPING:
        signal.signal(stopping, lambda *_: None)


class Gunicorn(BaseApplication):  # type: ignore[misc]
    """Gunicorn with threads, configured here and by nothing else: no file, no environment, no arguments."""

    def __init__(self, how: Serving, listener: int, pages: Any, on_ready: Callable[[], None]) -> None:
        self.chosen: dict[str, Any] = {
            "bind": f"fd://{listener}",
            "worker_class": "gthread",
            "workers": how.workers,
            "threads": how.threads,
            "timeout": 120,
            "keepalive": 75,  # longer than a proxy's minute: it never writes into a connection that is being closed
            "graceful_timeout": 15,
            "loglevel": "error",  # that a worker which was leaving got one more signal is no news
            "control_socket_disable": True,
            "post_worker_init": _hear,
            "worker_int": _leave,
            "when_ready": lambda arbiter: on_ready(),
        }
        self.pages = pages
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self.pages

    def run(self) -> None:
        sys.stdout.flush()
        Steady(self).run()
