"""The Traefik that the charts deploy in front of the application, and a way between them that delays a connection's end.

Arguments, middlewares and numbers are read from dist/kind, the manifests of the shipped environment. The file provider
stands in for the Ingress and the Service: a health check takes the place of the readiness probe.
"""

import contextlib
import os
import re
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import requests
import yaml

from tests.mysql_server import free_port
from tests.waiting import wait_until

_MANIFESTS = Path(__file__).parents[2] / "dist" / "kind"
_OPTION = "--serversTransport.forwardingTimeouts.idleConnTimeout="


def manifest(kind: str, name: str) -> dict[str, Any]:
    """The shipped object of that kind and name."""
    objects = (one for path in _MANIFESTS.glob("*.yaml") for one in yaml.safe_load_all(path.read_text()))
    return next(one for one in objects if one and (one["kind"], one["metadata"]["name"]) == (kind, name))


def _container(deployment: str) -> dict[str, Any]:
    return manifest("Deployment", deployment)["spec"]["template"]["spec"]["containers"][0]


def idle_seconds() -> int:
    """For how long the shipped Traefik keeps an idle connection to the application."""
    option, = (one for one in _container("traefik")["args"] if one.startswith(_OPTION))
    return int(option.removeprefix(_OPTION).removesuffix("s"))


def keep_alive_seconds() -> int:
    """For how long the shipped application keeps an idle connection."""
    return int(next(one["value"] for one in _container("webapp")["env"] if one["name"] == "KEEP_ALIVE_SECONDS"))


class Ingress:
    """Context manager: Traefik is up inside; `url` is its HTTPS address.

    `backend` is the application's URL. With `idle`, Traefik keeps idle connections for that many seconds, and no health check
    keeps them busy.
    """

    def __init__(self, backend: str, idle: float | None = None):
        self._temporary = tempfile.TemporaryDirectory(prefix="webapp-traefik-")
        self._folder = Path(self._temporary.name)
        ports = {name: free_port() for name in ("web", "websecure", "metrics")}
        self.url = f"https://localhost:{ports['websecure']}"
        self._ping = f"http://localhost:{ports['metrics']}/ping"
        annotations = manifest("Ingress", "webapp")["metadata"]["annotations"]
        probe = _container("webapp")["readinessProbe"]["httpGet"]["path"]
        middlewares = annotations["traefik.ingress.kubernetes.io/router.middlewares"].split(",")
        # Another name than that of the shipped file's own router, whose Service is not here: Traefik takes one of a name.
        router = {"rule": "PathPrefix(`/`)", "service": "webapp", "entryPoints": ["websecure"], "tls": {}, "middlewares": middlewares}
        check = {"path": probe, "interval": "200ms", "timeout": "3s"}
        servers = {"loadBalancer": {"servers": [{"url": backend}], **({} if idle else {"healthCheck": check})}}
        dynamic = self._folder / "dynamic"
        dynamic.mkdir()
        (dynamic / "cloudnova.yaml").write_text(manifest("ConfigMap", "traefik")["data"]["cloudnova.yaml"])
        (dynamic / "router.yaml").write_text(yaml.safe_dump({"http": {"routers": {"pages": router}, "services": {"webapp": servers}}}))
        self._arguments = [one for one in _container("traefik")["args"] if "kubernetesIngress" not in one]
        self._set("--providers.file.directory=", str(dynamic))
        for name, port in ports.items():
            self._set(f"--entryPoints.{name}.address=", f"127.0.0.1:{port}")
        if idle:
            self._set(_OPTION, f"{idle}s")

    def _set(self, option: str, value: str) -> None:
        changed = [re.sub(f"^{re.escape(option)}.*", lambda _: option + value, one) for one in self._arguments]
        assert changed != self._arguments, f"{option} is not shipped"
        self._arguments = changed

    def __enter__(self) -> "Ingress":
        self.log = self._folder / "log"
        with self.log.open("wb") as log:
            self._process = subprocess.Popen([os.environ["TRAEFIK"], *self._arguments], stdout=log, stderr=log)

        def answers() -> bool:
            assert self._process.poll() is None, self.log.read_text()[-3000:]
            with contextlib.suppress(requests.ConnectionError):
                return requests.get(self._ping, timeout=2).ok and self.get("/healthz").status_code == 200
            return False

        wait_until(answers, 20)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._temporary.cleanup()

    def get(self, path: str) -> requests.Response:
        """One request through the Ingress, on a connection of its own."""
        return requests.get(self.url + path, verify=False, timeout=10)  # noqa: S501

    def post(self, path: str, body: object) -> requests.Response:
        """The same with a body of JSON."""
        return requests.post(self.url + path, json=body, verify=False, timeout=10)  # noqa: S501


class SlowEnds:
    """Context manager: a TCP relay to `target` at `url` that tells Traefik of a closed connection only after `delay` seconds.

    On a network the news of the end takes its time, too; here it is long enough for a request to meet it every time.
    """

    def __init__(self, target: str, delay: float):
        host, port = target.removeprefix("http://").split(":")
        self._target, self._delay = (host, int(port)), delay
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> "SlowEnds":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                proxy, _ = self._listener.accept()
                application = socket.create_connection(self._target)
                threading.Thread(target=self._forward, args=(proxy, application), daemon=True).start()
                threading.Thread(target=self._answer, args=(application, proxy), daemon=True).start()

    def _forward(self, proxy: socket.socket, application: socket.socket) -> None:
        ended = False
        with contextlib.suppress(OSError):
            while data := proxy.recv(65536):
                application.sendall(data)
            ended = True
        if not ended:  # the application had closed the connection: a reset, as its kernel would answer
            proxy.close()
        with contextlib.suppress(OSError):
            application.shutdown(socket.SHUT_RDWR)

    def _answer(self, application: socket.socket, proxy: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := application.recv(65536):
                proxy.sendall(data)
        time.sleep(self._delay)
        with contextlib.suppress(OSError):
            proxy.shutdown(socket.SHUT_RDWR)
