"""A browser as the benches need one: signed in, on one connection that stays open, counting time and bytes."""

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

FORM_TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="([^"]+)"')


class Got(NamedTuple):
    """One answer: its status, its body, and the milliseconds from asking to the last byte."""

    status: int
    body: bytes
    milliseconds: float


class Browser:
    """One connection to a desk. Scripts and pictures are fetched only when asked for."""

    def __init__(self, url: str) -> None:
        self.url = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        self.cookies: dict[str, str] = {}
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)

    def get(self, path: str) -> Got:
        return self._ask("GET", path, None, {})

    def sign_in(self, link: str) -> None:
        """Press the button of a sign-in link."""
        path = urlsplit(link).path
        token = FORM_TOKEN.search(self.get(path).body)
        if token is None:
            raise RuntimeError("the sign-in link has no form")
        form = urlencode({"csrfmiddlewaretoken": token[1].decode()})
        self._ask("POST", path, form, {"Content-Type": "application/x-www-form-urlencoded"})

    def _ask(self, method: str, path: str, body: str | None, headers: Mapping[str, str]) -> Got:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        started = time.perf_counter()
        self._connection.request(method, path, body, {**headers, "Cookie": cookies})
        answer = self._connection.getresponse()
        content = answer.read()
        taken = (time.perf_counter() - started) * 1000
        for cookie in answer.msg.get_all("Set-Cookie", ()):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Got(answer.status, content, taken)


@contextmanager
def served(folder: Path) -> Iterator[Browser]:
    """`fairlead serve` of a workspace in a process of its own, and a browser that is signed in to it."""
    command = [str(Path(sys.executable).with_name("fairlead")), "-C", str(folder), "serve", "--port", "0"]
    with subprocess.Popen(
        [*command, "--link-for", "bench"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield _signed_in(process)
        finally:
            os.killpg(process.pid, signal.SIGTERM)


def _signed_in(process: "subprocess.Popen[str]") -> Browser:
    """Reads what the command prints until it names the link."""
    said = []
    for line in process.stdout or ():
        said.append(line)
        if "/sign-in/link/" in line:
            browser = Browser(line.strip())
            browser.sign_in(line.strip())
            return browser
    raise RuntimeError(f"the desk did not open:\n{''.join(said)}")
