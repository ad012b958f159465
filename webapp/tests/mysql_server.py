"""A real MySQL server from Debian sid's package, for tests and benchmarks: own data folder, own port, own CA."""

import contextlib
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import MySQLdb

from tests.certificates import write_certificates

# As the chart runs it on a 2 GB machine.
OPTIONS = (
    "--mysqlx=OFF", "--performance-schema=OFF", "--skip-log-bin", "--innodb-buffer-pool-size=64M",
    "--innodb-redo-log-capacity=32M", "--innodb-log-buffer-size=4M", "--table-open-cache=200",
    "--table-definition-cache=400", "--secure-file-priv=NULL", "--max-connections=60", "--thread-cache-size=8",
    "--temptable-max-ram=8M", "--key-buffer-size=1M", "--lc-messages-dir=/usr/share/mysql", "--log-error-verbosity=2",
)
START_SECONDS = 60


def free_port() -> int:
    """A port that nobody uses now, below those that the kernel hands to outgoing connections, which would race for it."""
    while True:
        port = random.randint(20_000, 29_999)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("0.0.0.0", port))  # noqa: S104 - gunicorn binds to all addresses too
            return port


class MySQLServer:
    """Start with `start`, end with `stop`; `close` also removes the data."""

    def __init__(self, root: str):
        self._root = root
        self.folder = Path(tempfile.mkdtemp(prefix="webapp-mysql-"))
        self.port = free_port()
        self.passwords = {name: secrets.token_hex(12) for name in ("root", "webapp", "migrator")}
        self.ca_file = str(self.folder / "ca.pem")
        self._process: subprocess.Popen[bytes] | None = None
        write_certificates(self.folder)
        self._run("--initialize-insecure").wait()
        self.start()
        self._create_accounts()
        self.version = self.query("SELECT VERSION()")[0][0]

    def start(self) -> None:
        """Start the server on its port and wait until it answers. Raises RuntimeError with its log."""
        self._process = self._run(
            f"--port={self.port}", "--bind-address=127.0.0.1", "--socket=/srv/mysql/mysql.sock",
            "--pid-file=/srv/mysql/mysql.pid", "--ssl-ca=/srv/mysql/ca.pem", "--ssl-cert=/srv/mysql/server.pem",
            "--ssl-key=/srv/mysql/server-key.pem", "--require-secure-transport=ON", *OPTIONS)
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1):
                    return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"MySQL did not start:\n{self.log()[-3000:]}") from None
                time.sleep(0.1)

    def stop(self) -> None:
        """End the server in order and wait for it."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            self._process.wait(30)

    def freeze(self) -> None:
        """Make the server answer nothing, with its port still open, as on a disk that hangs."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)
        stat = Path(f"/proc/{self._process.pid}/stat")
        while stat.read_text().rsplit(")", 1)[1].split()[0] != "T":  # all its threads stand still
            time.sleep(0.01)

    def thaw(self) -> None:
        """End `freeze`."""
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        """Stop and remove all data."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self) -> str:
        """What the server wrote."""
        return (self.folder / "mysqld.log").read_text(errors="replace")

    @property
    def pid(self) -> int:
        """Process id of the server."""
        assert self._process
        return self._process.pid

    def query(self, statement: str, values: tuple = (), database: str = "") -> tuple:
        """Run one statement as root and return its rows."""
        connection = MySQLdb.connect(
            host="127.0.0.1", port=self.port, user="root", passwd=self._root_password, db=database, charset="utf8mb4",
            ssl_mode="VERIFY_IDENTITY", ssl={"ca": self.ca_file}, autocommit=True)
        try:
            cursor = connection.cursor()
            cursor.execute(statement, values or None)
            return cursor.fetchall()
        finally:
            connection.close()

    def new_database(self) -> str:
        """Create an empty database that both accounts reach as in production, and return its name."""
        name = f"app_{secrets.token_hex(4)}"
        self.query(f"CREATE DATABASE {name}")
        return name

    def environment(self, database: str, user: str = "webapp") -> dict[str, str]:
        """The application's variables for this server."""
        return {"DATABASE_HOST": "127.0.0.1", "DATABASE_PORT": str(self.port), "DATABASE_NAME": database,
                "DATABASE_USER": user, "DATABASE_PASSWORD": self.passwords[user], "DATABASE_CA_FILE": self.ca_file}

    _root_password = ""

    def _create_accounts(self) -> None:
        for name, rights in (("webapp", "SELECT, INSERT, UPDATE, DELETE"), ("migrator", "ALL")):
            self.query(f"CREATE USER '{name}'@'%%' IDENTIFIED BY '{self.passwords[name]}' REQUIRE SSL".replace("%%", "%"))
            self.query(f"GRANT {rights} ON `app\\_%`.* TO '{name}'@'%'")
        self.query(f"ALTER USER root@localhost IDENTIFIED BY '{self.passwords['root']}'")
        self._root_password = self.passwords["root"]

    def _run(self, *options: str) -> subprocess.Popen[bytes]:
        # A mount name space of its own: several runs share the root file system, each with its own data in /srv/mysql.
        script = 'mount --bind "$1" "$2/srv/mysql" && cd / && shift && exec chroot "$@"'
        with (self.folder / "mysqld.log").open("ab") as log:
            return subprocess.Popen(
                ["unshare", "--mount", "bash", "-c", script, "mysql", str(self.folder), self._root,
                 "mysqld", "--no-defaults", "--user=root", "--datadir=/srv/mysql/data", *options],
                stdout=log, stderr=log, env={"PATH": os.environ["PATH"]}, start_new_session=True)
