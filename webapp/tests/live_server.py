"""The application under gunicorn in processes of its own, started as the image starts it."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import requests

from tests.mysql_server import free_port

SOURCE = Path(__file__).parents[1] / "src"
COMMAND = [sys.executable, "-m", "gunicorn", "--config", "python:cloudnova_webapp.gunicorn_conf",
           "cloudnova_webapp.wsgi:app"]


def web_environment(database: dict[str, str], **variables: str) -> dict[str, str]:
    """A complete set of variables; `variables` override."""
    return {**database, "SECRET_KEY": "k" * 32, "WRITE_ACCESS": "open", "INSTANCE_NAME": "webapp-test-1", **variables}


class LiveServer:
    """Context manager: gunicorn is up inside, and gone afterwards. `url` and `metrics_url` are its addresses."""

    def __init__(self, database: dict[str, str], application: str = COMMAND[-1], **variables: str):
        self._command = [*COMMAND[:-1], application]
        port, metrics_port = free_port(), free_port()
        self.url, self.metrics_url = f"http://localhost:{port}", f"http://localhost:{metrics_port}/metrics"
        self._temporary = tempfile.TemporaryDirectory(prefix="webapp-live-")
        self._log = Path(self._temporary.name) / "log"
        self._environment = {
            "PATH": os.environ["PATH"], "PYTHONPATH": f"{SOURCE}:{SOURCE.parent}", "TMPDIR": self._temporary.name,
            "HTTP_PORT": str(port), "METRICS_PORT": str(metrics_port), "DRAIN_SECONDS": "0",
            "MALLOC_ARENA_MAX": "2",  # as in the image
            **web_environment(database, **variables)}

    def __enter__(self) -> "LiveServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._temporary.cleanup()

    def start(self) -> None:
        """Start gunicorn and wait until /healthz answers. Raises RuntimeError with its log."""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(self._command, env=self._environment, stdout=log, stderr=log,
                                            cwd=self._temporary.name)
        deadline = time.monotonic() + 20
        while True:
            try:
                if requests.get(f"{self.url}/healthz", timeout=1).status_code < 500:
                    return
            except (requests.ConnectionError, requests.Timeout):
                pass
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"gunicorn did not start:\n{self._log.read_text()[-3000:]}")
            time.sleep(0.05)

    def stop(self) -> int:
        """SIGTERM, and wait for the end; returns the exit code."""
        self.process.terminate()
        return self.process.wait(60)

    def log_lines(self) -> list[dict[str, Any]]:
        """The log so far; every line must be JSON."""
        return [json.loads(line) for line in self._log.read_text().splitlines()]

    def metrics(self) -> dict[str, float]:
        """All samples of /metrics, by name with labels."""
        text = requests.get(self.metrics_url, timeout=5).text
        samples = (line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))
        return {name: float(value) for name, value in samples}
