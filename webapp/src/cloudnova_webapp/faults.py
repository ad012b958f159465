"""Faults on purpose, for drills: /debug/* exists only with FAULT_INJECTION=on and asks for the token.

The token comes in a header, which no other site can make a browser send, so these paths need no CSRF token.
"""

import hmac
import time
from typing import Any

from flask import Blueprint, abort, current_app, jsonify, request

from cloudnova_webapp.observe import metrics

TOKEN_HEADER = "X-Fault-Token"  # noqa: S105 - the header's name
MAX_SECONDS = 60
MAX_MEBIBYTES = 1024
debug = Blueprint("faults", __name__, url_prefix="/debug")


@debug.before_request
def _check_token() -> None:
    expected = current_app.config["FAULT_TOKEN"]
    if not hmac.compare_digest(request.headers.get(TOKEN_HEADER, "").encode(), expected.encode()):
        abort(403, f"Send the fault token in the header {TOKEN_HEADER}.")


@debug.route("/error", methods=["GET", "POST"])
def error() -> Any:
    """Answer with the status `status`, 400 to 599, default 500."""
    metrics.faults.labels("error").inc()
    abort(int(_number("status", 500, 400, 599)))


@debug.route("/latency", methods=["GET", "POST"])
def latency() -> Any:
    """Answer after `seconds`, default 1, at most 60, holding a thread meanwhile."""
    seconds = _number("seconds", 1, 0, MAX_SECONDS)
    metrics.faults.labels("latency").inc()
    time.sleep(seconds)
    return jsonify(fault="latency", seconds=seconds)


@debug.route("/cpu", methods=["GET", "POST"])
def cpu() -> Any:
    """Keep one core busy for `seconds`, default 1, at most 60."""
    seconds = _number("seconds", 1, 0, MAX_SECONDS)
    metrics.faults.labels("cpu").inc()
    end, rounds = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        rounds += 1
    return jsonify(fault="cpu", seconds=seconds, rounds=rounds)


@debug.route("/memory", methods=["GET", "POST"])
def memory() -> Any:
    """Hold `mebibytes`, default 64, at most 1024, for `seconds`, default 1."""
    mebibytes, seconds = int(_number("mebibytes", 64, 1, MAX_MEBIBYTES)), _number("seconds", 1, 0, MAX_SECONDS)
    metrics.faults.labels("memory").inc()
    block = bytearray(mebibytes << 20)
    block[::4096] = b"\1" * len(range(0, len(block), 4096))  # untouched pages would not count
    time.sleep(seconds)
    return jsonify(fault="memory", mebibytes=len(block) >> 20, seconds=seconds)


def _number(name: str, default: float, low: float, high: float) -> float:
    text = request.values.get(name, str(default))
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        abort(400, f"{name} is {text!r}: give a number from {low} to {high}.")
    return value
