"""A private Neo4j 5.26 Community server: loopback only, a home of its own, no container engine.

    NEO4J_PASSWORD=… python tests/private_neo4j.py run --port 7687

runs one to develop against; tests start theirs by the fixtures ``neo4j_server`` and ``private_neo4j``.
"""

from __future__ import annotations

import argparse
import os
import resource
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from neo4j import GraphDatabase
from neo4j.exceptions import AuthError, DriverError, Neo4jError
from neo4j_jars import Unavailable, jars, java

HOST = "127.0.0.1"
SERVER = "org.neo4j.server.CommunityEntryPoint"
ADMIN = "org.neo4j.server.startup.Neo4jAdminCommand"
SET_PASSWORD = "org.neo4j.cli.AdminTool"

#: Neo4j's own start script opens these.
OPENS = [
    f"--add-opens=java.base/{package}=ALL-UNNAMED"
    for package in ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")
]
#: A test's server lives for seconds: code compiled well would come too late.
QUICK = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
STEADY = ["-XX:+UseParallelGC"]

SETTINGS = {
    "server.default_listen_address": HOST,
    "server.http.enabled": "false",
    "server.https.enabled": "false",
    "server.memory.pagecache.size": "128m",
    "dbms.usage_report.enabled": "false",
    "dbms.security.auth_max_failed_attempts": "0",  # else three wrong passwords lock out the right one
    "db.tx_log.preallocate": "false",  # else 512 MB of empty files
    "internal.server.bolt.thread_pool_shutdown_wait_time": "0s",  # else a clean stop takes ten seconds
}


class StartFailed(Unavailable):
    """The server ended, or did not answer in time; the message holds the end of its log."""


class PrivateNeo4j:
    """One server. ``start``, ``stop`` and ``start`` again on the same home and port: the data stay.

    Parameters
    ----------
    home
        Folder of its data, settings and logs; made when missing.
    port
        Where it speaks Bolt; 0 picks a free one.
    password
        Of the user ``neo4j``; drawn when not given. A home keeps the one that it was made with.
    heap
        Largest heap of its Java, such as ``768m``. About 150 MB come on top of it.
    settings
        Lines of ``neo4j.conf``, over `SETTINGS`.
    quick
        Start fast, rather than run fast.
    """

    username = "neo4j"

    def __init__(
        self,
        home: Path,
        *,
        port: int = 0,
        password: str | None = None,
        heap: str = "768m",
        settings: Mapping[str, str] | None = None,
        quick: bool = True,
    ) -> None:
        self.home = home.absolute()
        self.port = port or _free_port()
        self.password = password or secrets.token_hex(16)
        self.heap = heap
        self.settings = dict(settings or {})
        self.quick = quick
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        """Say where it listens."""
        return f"bolt://{HOST}:{self.port}"

    @property
    def running(self) -> bool:
        """Say whether its process lives."""
        return self.process is not None and self.process.poll() is None

    def start(self, timeout: float = 180) -> Self:
        """Start it, and return when it answers a query (5 to 13 s on two cores).

        Raises
        ------
        Unavailable
            No Java, or no jars and no way to fetch them.
        StartFailed
            It ended, or didn't answer within ``timeout`` seconds; its port is taken; its home has another password.
        """
        if self.running:
            raise StartFailed(f"the private Neo4j at {self.uri} runs already")
        if _taken(self.port):
            raise StartFailed(f"port {self.port} is taken by another program; choose another")
        runs = java()
        classes = f"{jars()}/*"
        self._configure()
        if not (self.home / "data").exists():
            self._set_password()
        command = [*_tether(), str(runs), "-Xms256m", f"-Xmx{self.heap}", *(QUICK if self.quick else STEADY)]
        command += [*OPENS, "-XX:+ExitOnOutOfMemoryError", "-Dfile.encoding=UTF-8", "-cp", classes, SERVER]
        command += [f"--home-dir={self.home}", f"--config-dir={self.home / 'conf'}"]
        with (self.home / "console.log").open("wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            self._await_answer(timeout)
        except BaseException:
            self.stop(kill=True)
            raise
        return self

    def stop(self, *, kill: bool = False, timeout: float = 60) -> None:
        """Stop it: in order, or, by ``kill``, as ``kill -9`` does. Nothing happens where none runs."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL if kill else signal.SIGTERM)
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def limit_file_size(self, size: int) -> None:
        """Let every write beyond ``size`` bytes of a file fail until it stops, as on a full disk. Linux only.

        The server gets EFBIG ("File too large"), for its logs too. As on a full disk, its database then refuses all
        work until it is started again, which is without a limit.
        """
        if self.process is None:
            raise StartFailed("no server runs whose files could be limited")
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (size, size))

    def admin(self, *args: str, timeout: float = 600) -> str:
        """Run ``neo4j-admin`` on this home and give what it prints; most commands want the server stopped.

        Raises
        ------
        subprocess.CalledProcessError
            It failed: ``stderr`` and ``stdout`` say why.
        """
        self._configure()
        return self._java([f"-Xmx{self.heap}", *QUICK, *OPENS], ADMIN, args, timeout)

    def log(self, characters: int = 1000) -> str:
        """Give the end of what it said last, on its console and in its log."""
        kept = [self.home / "console.log", self.home / "logs" / "neo4j.log"]
        said = [path.read_text("utf-8", errors="replace").strip() for path in kept if path.exists()]
        return "\n".join(text[-characters:] for text in said if text)

    def _configure(self) -> None:
        listen = {"server.bolt.listen_address": f"{HOST}:{self.port}"}
        listen["server.bolt.advertised_address"] = listen["server.bolt.listen_address"]
        lines = {**SETTINGS, **listen, **self.settings}
        (self.home / "conf").mkdir(parents=True, exist_ok=True)
        text = "".join(f"{name}={value}\n" for name, value in lines.items())
        (self.home / "conf" / "neo4j.conf").write_text(text, "utf-8")

    def _set_password(self) -> None:
        said = self.home / "password"
        try:
            with open(said, "w", encoding="utf-8", opener=_for_me_only) as file:
                quoted = self.password.replace("\\", r"\\").replace('"', r"\"")
                file.write(f'"{quoted}"')
            self._java(QUICK, SET_PASSWORD, ["dbms", "set-initial-password", "--", f"@{said}"], 120)
        except subprocess.CalledProcessError as error:
            shutil.rmtree(self.home / "data", ignore_errors=True)
            raise StartFailed(f"Neo4j refuses the password: {error.stderr.strip().splitlines()[0]}") from None
        finally:
            said.unlink(missing_ok=True)

    def _java(self, options: Sequence[str], main: str, args: Sequence[str], timeout: float) -> str:
        command = [str(java()), *options, "-cp", f"{jars()}/*", main, *args]
        places = {"NEO4J_HOME": str(self.home), "NEO4J_CONF": str(self.home / "conf")}
        return subprocess.run(
            command,
            env={**os.environ, **places},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=True,
        ).stdout

    def _await_answer(self, timeout: float) -> None:
        assert self.process is not None
        end = time.monotonic() + timeout
        while not self._answers():
            try:
                self.process.wait(0.1)
            except subprocess.TimeoutExpired:
                pass
            else:
                raise StartFailed(f"Neo4j ended at its start with exit code {self.process.returncode}:\n{self.log()}")
            if time.monotonic() > end:
                raise StartFailed(f"Neo4j did not answer at {self.uri} within {timeout:.0f} s:\n{self.log()}")

    def _answers(self) -> bool:
        try:
            socket.create_connection((HOST, self.port), timeout=1).close()
            with (
                GraphDatabase.driver(self.uri, auth=(self.username, self.password)) as driver,
                driver.session() as session,
            ):
                session.run("RETURN 1").consume()
        except AuthError:
            raise StartFailed(f"{self.home} was made with another password") from None
        except (OSError, DriverError, Neo4jError):
            return False
        return True

    def __enter__(self) -> Self:
        """Start it."""
        return self.start()

    def __exit__(self, *exc: object) -> None:
        """Stop it."""
        self.stop()


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        return int(taken.getsockname()[1])


def _taken(port: int) -> bool:
    with socket.socket() as asked:
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a server killed just now holds nothing
        try:
            asked.bind((HOST, port))
        except OSError:
            return True
    return False


def _for_me_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _tether() -> list[str]:
    """Give the command that ends its server when this process is killed, where there is one (util-linux).

    The kernel counts the death of the *thread* that started it: no use from one that ends before the process.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None or threading.current_thread() is not threading.main_thread():
        return []
    return [setpriv, "--pdeathsig", "KILL", "--"]


def _run(args: argparse.Namespace) -> str | None:
    """Serve until Ctrl-C; give the sentence to end with when it can't."""
    password = os.environ.get("NEO4J_PASSWORD")
    if not password:
        return "set NEO4J_PASSWORD (8 characters or more) to the password that this server shall have"
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    server = PrivateNeo4j(args.home, port=args.port, password=password, heap=args.heap, quick=False)
    try:
        with server:
            said = f"Neo4j {server.uri}, user neo4j, its data in {server.home}; Ctrl-C stops it"
            print(said, flush=True)  # noqa: T201 - what a command says
            assert server.process is not None
            code = server.process.wait()
    except Unavailable as error:
        return str(error)
    except KeyboardInterrupt:
        return None
    return f"Neo4j ended with exit code {code}:\n{server.log()}"


def main() -> None:
    """Run a private server from the command line."""
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    commands = parser.add_subparsers(required=True, metavar="run")
    run = commands.add_parser("run", help="serve until Ctrl-C; the password comes from NEO4J_PASSWORD")
    run.add_argument("--port", type=int, default=7687)
    run.add_argument("--home", type=Path, default=data / "graphmatch" / "neo4j", help="keeps its data (%(default)s)")
    run.add_argument("--heap", default="2g", help="largest Java heap (%(default)s)")
    sys.exit(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
