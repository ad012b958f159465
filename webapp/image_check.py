"""Runs the built image as Kubernetes would: uid 10001, no capabilities, read-only root but for /tmp and /dev/shm.

Called by image.sh --check with the folder where the image is mounted. Migrates an empty MySQL from inside the image,
serves, looks at the pages, and says how much memory one idle replica takes.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import requests
from bench.processes import pss_mebibytes
from tests.live_server import web_environment
from tests.mysql_server import MySQLServer, free_port
from tests.waiting import wait_until

# A mount name space of its own: the image's root bound read-only, with what a container runtime adds to it.
CONTAINER = """
set -e
mount --bind "$1" "$1"
mount --bind "$2" "$1/mnt"
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
mount -t tmpfs -o size=64m,mode=1777 tmpfs "$1/tmp"
mount -o remount,bind,ro "$1"
root="$1"; shift 2
exec /usr/sbin/chroot "$root" setpriv --reuid=10001 --regid=10001 --clear-groups --bounding-set=-all --inh-caps=-all \\
  --no-new-privs "$@"
"""


def run(root: str, secrets: Path, environment: dict[str, str], *command: str) -> subprocess.Popen[bytes]:
    """Start `command` in the image at `root`, with `secrets` at /mnt."""
    return subprocess.Popen(["unshare", "--mount", "bash", "-c", CONTAINER, "check", root, str(secrets), *command],
                            env=environment)


def main(root: str) -> int:
    """Run all checks; returns the exit code."""
    mysql = MySQLServer(os.environ["MYSQL_ROOT"])
    try:
        return check(root, mysql)
    finally:
        mysql.close()


def check(root: str, mysql: MySQLServer) -> int:
    """Migrate, serve, look, measure."""
    name = mysql.new_database()
    for secret in ("webapp", "migrator"):
        (mysql.folder / f"{secret}-password").write_text(mysql.passwords[secret])
    (mysql.folder / "key").write_text("k" * 64)
    mysql.folder.chmod(0o755)
    http, metrics = free_port(), free_port()
    path = {"PATH": "/opt/venv/bin:/usr/bin:/bin", "PYTHONPATH": "/app/src", "PYTHONDONTWRITEBYTECODE": "1"}

    def variables(user: str) -> dict[str, str]:
        plain = web_environment(mysql.environment(name, user), HTTP_PORT=str(http), METRICS_PORT=str(metrics))
        for secret in ("DATABASE_PASSWORD", "SECRET_KEY"):
            del plain[secret]
        return {**path, **plain, "DATABASE_CA_FILE": "/mnt/ca.pem", "DATABASE_PASSWORD_FILE": f"/mnt/{user}-password",
                "SECRET_KEY_FILE": "/mnt/key", "DRAIN_SECONDS": "0"}

    migrated = run(root, mysql.folder, variables("migrator"), "python", "-m", "cloudnova_webapp", "migrate").wait(60)
    assert migrated == 0, "migrate failed"
    assert run(root, mysql.folder, path, "python", "-c", "import cryptography.x509").wait(20) == 0
    server = run(root, mysql.folder, variables("webapp"), "python", "-m", "gunicorn", "--config",
                 "python:cloudnova_webapp.gunicorn_conf", "cloudnova_webapp.wsgi:app")
    try:
        started = time.monotonic()
        url = f"http://127.0.0.1:{http}"
        wait_until(lambda: answers(f"{url}/readyz"), 30)
        print(f"ready after {time.monotonic() - started:.1f} s")
        for page in ("/", "/users", "/users/new", "/api/v1/users", "/static/bootstrap.min.css"):
            assert requests.get(url + page, timeout=5).status_code == 200, page
        assert "webapp_http_requests_total" in requests.get(f"http://127.0.0.1:{metrics}/metrics", timeout=5).text
        status = Path(f"/proc/{server.pid}/status").read_text()
        assert "Uid:\t10001" in status and "CapEff:\t0000000000000000" in status and "NoNewPrivs:\t1" in status
        time.sleep(10)
        print(f"idle memory of one replica (PSS of master and workers): {pss_mebibytes(server.pid):.1f} MiB")
    finally:
        server.send_signal(signal.SIGTERM)
        code = server.wait(30)
    print(f"SIGTERM: exit code {code}")
    return code


def answers(url: str) -> bool:
    """Whether `url` answers 200."""
    try:
        return requests.get(url, timeout=2).status_code == 200
    except requests.RequestException:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
