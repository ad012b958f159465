"""What bootstrap.py does, and beside it what the user's applications need in their own namespaces.

Runs in bootstrap.py's place, from the same folder, where the environment has applications. The plan has one key more:

    {"applications": {"passwords": "<secret>", "entries": [
        {"name": "…", "namespace": "…", "database": "<secret>" or null, "generated": {"secret": "<secret>", "keys": ["<key>", …]}}]}}

The Secret `passwords` holds the password of each application's database account, for MySQL. The application finds a copy in its own
namespace, so that it can read no other's.
"""

import json
import pathlib
import secrets
import sys

import bootstrap

PASSWORD = "password"


class NamespacedApi(bootstrap.Api):
    """The Secrets of another namespace."""

    def __init__(self, namespace: str) -> None:
        super().__init__()
        server = self._url.partition("/namespaces/")[0]
        self._url = f"{server}/namespaces/{namespace}/secrets"


def ensure_password(api: bootstrap.Api, secret: str, key: str, former: bytes, labels: dict[str, str]) -> bytes:
    """The password of an account; made when absent, of the application's copy where there is one."""
    current = api.read(secret)
    there = bootstrap.decoded(current or {}, key)
    if there:
        return there
    fresh = former or secrets.token_urlsafe(32).encode()
    if current is None:
        api.create(secret, "Opaque", {key: fresh}, labels)
    else:
        api.change(current, {key: fresh})
    return fresh


def ensure_copy(api: bootstrap.Api, secret: str, password: bytes, labels: dict[str, str]) -> str:
    """Makes the application's Secret hold the password."""
    current = api.read(secret)
    if current is None:
        api.create(secret, "Opaque", {PASSWORD: password}, labels)
        return f"made {PASSWORD}"
    if bootstrap.decoded(current, PASSWORD) == password:
        return "is there"
    api.change(current, {PASSWORD: password})
    return f"changed {PASSWORD} to MySQL's"


def ensure_application(own: bootstrap.Api, passwords: str, entry: dict, labels: dict[str, str]) -> None:
    """Makes the Secrets of one application."""
    api = NamespacedApi(entry["namespace"])
    labels = {**labels, "app.kubernetes.io/name": entry["name"]}
    secret, generated = entry["database"], entry["generated"]
    if secret:
        former = bootstrap.decoded(api.read(secret) or {}, PASSWORD)
        password = bootstrap.until_settled(
            passwords, lambda: ensure_password(own, passwords, entry["name"], former, labels)
        )
        done = bootstrap.until_settled(secret, lambda: ensure_copy(api, secret, password, labels))
        print(f"{entry['namespace']}/{secret}: {done}", flush=True)
    if generated["keys"]:
        name = generated["secret"]
        done = bootstrap.until_settled(
            name, lambda: bootstrap.ensure_passwords(api, name, generated["keys"], labels)
        )
        print(f"{entry['namespace']}/{name}: {done}", flush=True)


def main(plan_file: str) -> None:
    """Makes the whole plan true; the applications first, because an authority that expires ends bootstrap.py with an error."""
    plan = json.loads(pathlib.Path(plan_file).read_text())
    own = bootstrap.Api()
    for entry in plan["applications"]["entries"]:
        ensure_application(own, plan["applications"]["passwords"], entry, plan["labels"])
    bootstrap.main(plan_file)


if __name__ == "__main__":
    main(sys.argv[1])
