"""Load from wrk, which keeps a number of connections busy, and from a paced generator for a fixed rate."""

import http.client
import re
import subprocess
import threading
import time
from dataclasses import dataclass

CONNECTIONS = 16
"""Twice what two workers with four threads each can answer at once, so that they never wait for the client."""


@dataclass(frozen=True)
class Result:
    """Requests per second, and latencies in milliseconds."""

    rate: float
    p50: float
    p99: float
    errors: int


def wrk(url: str, seconds: int, connections: int = CONNECTIONS, script: str | None = None) -> Result:
    """Run wrk with one thread. `errors` counts answers other than 2xx and 3xx, and broken connections."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s", "--latency"]
    text = subprocess.run([*command, *(["-s", script] if script else []), url], capture_output=True, text=True,
                          check=True).stdout
    errors = sum(int(number) for number in re.findall(r"Non-2xx or 3xx responses: (\d+)", text))
    if broken := re.search(r"Socket errors: (.*)", text):
        errors += sum(int(number) for number in re.findall(r"\d+", broken[1]))
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])
    return Result(rate, _latency(text, 50), _latency(text, 99), errors)


def _latency(text: str, percent: int) -> float:
    number, unit = re.search(rf"{percent}%\s+([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def paced(host: str, port: int, paths: list[str], rate: float, seconds: float, threads: int = 24) -> Result:
    """Send `rate` requests per second at fixed times, whether or not earlier ones were answered.

    A latency counts from the time at which the request was due, so that a stall is not hidden by a generator that
    waits for it ("coordinated omission").
    """
    total = int(rate * seconds)
    begin = time.perf_counter() + 0.2
    latencies: list[float] = []
    errors: list[int] = []

    def send(offset: int) -> None:
        connection = http.client.HTTPConnection(host, port, timeout=10)
        for number in range(offset, total, threads):
            due = begin + number / rate
            if (wait := due - time.perf_counter()) > 0:
                time.sleep(wait)
            connection.request("GET", paths[number % len(paths)])
            response = connection.getresponse()
            response.read()
            latencies.append((time.perf_counter() - due) * 1000)
            if response.status != 200:
                errors.append(response.status)

    workers = [threading.Thread(target=send, args=(offset,)) for offset in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    latencies.sort()
    reached = total / (time.perf_counter() - begin)
    return Result(reached, latencies[total // 2], latencies[int(total * 0.99)], len(errors))
