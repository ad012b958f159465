"""Creates the Secrets that are absent, and renews the certificates that it made before they expire.

Runs in the cluster: once for each version of its content as a Job, and daily as a CronJob. It never overwrites a
password, and never touches a certificate that it did not issue. It also issues anew what an authority signed that is
lost: else those certificates would end one day, and nobody would have been told. The plan (argument 1, a JSON file) says what must exist:

    {"labels": {…}, "passwords": {"<secret>": ["<key>", …]}, "authority": "<secret>",
     "certificates": {"<secret>": {"names": ["<DNS name or address>", …], "days": 397, "renew": 30}}}
"""

import base64
import datetime
import ipaddress
import json
import os
import pathlib
import secrets
import ssl
import sys
import time
import typing
import urllib.error
import urllib.request

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ACCOUNT = pathlib.Path(os.environ.get("SERVICE_ACCOUNT", "/var/run/secrets/kubernetes.io/serviceaccount"))
AUTHORITY_DAYS = 3650
AUTHORITY_RENEW = 400  # more than a public certificate lasts, so that none outlives its authority
MARK = "app.kubernetes.io/managed-by"  # the label by which this script knows its Secrets
ATTEMPTS = 8  # with doubling pauses: about two minutes, longer than an API server's restart


class Conflict(Exception):
    """Another writer was faster: what was decided on is no longer so. Read again."""


class Api:
    """The Secrets of one namespace, through the API server and the pod's own token."""

    def __init__(self) -> None:
        host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ["KUBERNETES_SERVICE_PORT"]
        host = f"[{host}]" if ":" in host else host
        namespace = (ACCOUNT / "namespace").read_text().strip()
        self._url = f"https://{host}:{port}/api/v1/namespaces/{namespace}/secrets"
        self._tls = ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt"))
        # No proxy of the environment's: the API server is in the cluster.
        self._open = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=self._tls)
        ).open

    def _request(self, method: str, name: str, body: dict | None, kind: str) -> dict | None:
        """The answer, or None when there is nothing to read. Raises Conflict when another writer was faster."""
        for attempt in range(ATTEMPTS):
            request = urllib.request.Request(
                self._url + (f"/{name}" if name else ""),
                method=method,
                data=None if body is None else json.dumps(body).encode(),
                headers={"Authorization": f"Bearer {(ACCOUNT / 'token').read_text().strip()}", "Content-Type": kind},
            )
            try:
                with self._open(request, timeout=10) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code == 404 and method == "GET":
                    return None
                # 404 to a change: deleted since it was read. 404 to a POST is no such thing: the namespace is gone.
                if error.code == 409 or (error.code == 404 and method == "PATCH"):
                    raise Conflict(f"{method} was answered {error.code}") from None
                if error.code < 500 and error.code != 429:
                    raise SystemExit(f"{method} secret {name or '(new)'}: {error.code} {error.read().decode(errors='replace')}")
                reason = f"{error.code}"
            except OSError as error:
                reason = str(error)
            print(f"the API server did not answer ({reason}); trying again", flush=True)
            time.sleep(2**attempt / 2)
        raise SystemExit("the API server did not answer; this Job will be tried again")

    def read(self, name: str) -> dict | None:
        """The Secret, or None when there is none of that name."""
        return self._request("GET", name, None, "application/json")

    def create(self, name: str, kind: str, data: dict[str, bytes], labels: dict[str, str]) -> None:
        """Creates the Secret. Raises Conflict when it is there already."""
        body = {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": kind,
            "metadata": {"name": name, "labels": labels},
            "data": encoded(data),
        }
        self._request("POST", "", body, "application/json")

    def change(self, secret: dict, data: dict[str, bytes]) -> None:
        """Sets keys of a Secret. Raises Conflict when it was changed or deleted since it was read."""
        metadata = {"resourceVersion": secret["metadata"]["resourceVersion"]}
        body = {"metadata": metadata, "data": encoded(data)}
        self._request("PATCH", secret["metadata"]["name"], body, "application/merge-patch+json")


def until_settled(name: str, ensure: typing.Callable[[], typing.Any]) -> typing.Any:
    """What `ensure` returns; it is run again, and reads again, as long as another writer is faster."""
    for attempt in range(ATTEMPTS):
        try:
            return ensure()
        except Conflict as conflict:
            print(f"{name}: another writer was faster ({conflict}); reading it again", flush=True)
        time.sleep(2**attempt / 50)  # five seconds in all: other writers are done within one
    raise SystemExit(f"{name}: another writer was faster {ATTEMPTS} times; this Job will be tried again")


def encoded(data: dict[str, bytes]) -> dict[str, str]:
    """A Secret's data as the API wants it."""
    return {key: base64.b64encode(value).decode() for key, value in data.items()}


def decoded(secret: dict, key: str) -> bytes:
    """One value of a Secret; empty when the key is absent."""
    return base64.b64decode((secret.get("data") or {}).get(key, ""))


def ensure_passwords(api: Api, name: str, keys: list[str], labels: dict[str, str]) -> str:
    """Creates the Secret, or adds the keys that a newer version needs; what is there stays."""
    current = api.read(name)
    absent = [key for key in keys if current is None or not decoded(current, key)]
    if not absent:
        return "is there"
    fresh = {key: secrets.token_urlsafe(32).encode() for key in absent}
    if current is None:
        api.create(name, "Opaque", fresh, labels)
    else:
        api.change(current, fresh)
    return f"made {', '.join(absent)}"


def pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A private key as unencrypted PKCS 8, which Traefik and MySQL read."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def issue(subject: str, days: int, authority: tuple | None, names: list[str], key: typing.Any = None) -> tuple[bytes, bytes]:
    """A certificate and its key, both PEM: an authority when none is given, else a server's; of a new key unless one is given."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject[:64])])
    issuer, signer = (authority[0].subject, authority[1]) if authority else (own, key)
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))  # clocks differ
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=authority is None, path_length=0 if authority is None else None), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False)
        .add_extension(usage(authority is None), True)
    )
    if authority:
        builder = builder.add_extension(x509.SubjectAlternativeName([general_name(name) for name in names]), False)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
    certificate = builder.sign(signer, hashes.SHA256())
    return certificate.public_bytes(serialization.Encoding.PEM), pem(key)


def usage(authority: bool) -> x509.KeyUsage:
    """Signing certificates for an authority, signing handshakes for a server."""
    return x509.KeyUsage(
        digital_signature=not authority, key_cert_sign=authority, crl_sign=authority, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )


def general_name(name: str) -> x509.GeneralName:
    """A subject alternative name: an address where it is one, else a DNS name."""
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def names_of(certificate: x509.Certificate) -> set[str]:
    """The names that a certificate holds, as the plan writes them."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return {str(name.value) for name in extension}


def days_left(certificate: x509.Certificate) -> int:
    """Whole days until a certificate expires."""
    return (certificate.not_valid_after_utc - datetime.datetime.now(datetime.timezone.utc)).days


def made_here(secret: dict, labels: dict[str, str]) -> bool:
    """Whether this script made the Secret."""
    return (secret["metadata"].get("labels") or {}).get(MARK) == labels[MARK]


def certificate_pem(certificate: x509.Certificate) -> bytes:
    """A certificate as PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def why_renew(current: dict, authority: x509.Certificate, wanted: dict, labels: dict[str, str]) -> str | None:
    """Why a certificate has to be made anew, or None; never for one that none of our authorities signed."""
    try:
        certificate = x509.load_pem_x509_certificate(decoded(current, "tls.crt"))
        certificate.verify_directly_issued_by(authority)
    except InvalidSignature:  # the issuer has our authority's name and another key
        if made_here(current, labels):
            return "the authority that signed it is lost"
        print("  left alone, not issued by this authority nor in a Secret that was made here")
        return None
    except Exception as error:  # somebody else's, or none at all: not ours to replace
        print(f"  left alone, not issued by this authority: {error!r}")
        return None
    left = days_left(certificate)
    if left < wanted["renew"]:
        return f"{left} days were left"
    if names_of(certificate) != set(wanted["names"]):
        return "its names changed"
    if not decoded(current, "ca.crt").startswith(certificate_pem(authority)):
        return "its authority was renewed"
    return None


def former_authority(current: dict | None, authority: x509.Certificate) -> bytes:
    """The lost authority's certificate, PEM, or nothing. Clients go on trusting it: mysqld reads its certificate at its
    start only, and shows the one that the lost authority signed until then."""
    try:
        former = x509.load_pem_x509_certificate(decoded(current or {}, "ca.crt"))
    except ValueError:
        return b""
    return b"" if former.public_key() == authority.public_key() else certificate_pem(former)


def ensure_certificate(api: Api, name: str, wanted: dict, authority: tuple, labels: dict[str, str]) -> str:
    """Creates a server's certificate, or renews it; clients find the authority beside it as ca.crt."""
    current = api.read(name)
    reason = "absent" if current is None else why_renew(current, authority[0], wanted, labels)
    if reason is None:
        return "is there"
    certificate, key = issue(wanted["names"][0], wanted["days"], authority, wanted["names"])
    root = certificate_pem(authority[0])
    data = {"tls.crt": certificate + root, "tls.key": key, "ca.crt": root + former_authority(current, authority[0])}
    if current is None:
        api.create(name, "kubernetes.io/tls", data, labels)
    else:
        api.change(current, data)
    return f"issued ({reason})"


def authority_of(secret: dict) -> tuple:
    """The certificate and the key of an authority's Secret."""
    return (
        x509.load_pem_x509_certificate(decoded(secret, "tls.crt")),
        serialization.load_pem_private_key(decoded(secret, "tls.key"), password=None),
    )


def ensure_authority(api: Api, name: str, labels: dict[str, str]) -> tuple:
    """The authority's certificate and key, made when absent. Before it expires it is renewed with the same key, so that what
    it has signed stays good; one that somebody else made is not."""
    current = api.read(name)
    if current is None:
        certificate, key = issue("CloudNova", AUTHORITY_DAYS, None, [])
        made = {"tls.crt": certificate, "tls.key": key}
        api.create(name, "kubernetes.io/tls", made, labels)
        print(f"{name}: made")
        return authority_of({"data": encoded(made)})
    certificate, key = authority_of(current)
    left = days_left(certificate)
    if left >= AUTHORITY_RENEW or not made_here(current, labels):
        return certificate, key
    renewed, _ = issue("CloudNova", AUTHORITY_DAYS, None, [], key)
    api.change(current, {"tls.crt": renewed})
    print(f"{name}: renewed ({left} days were left)")
    return x509.load_pem_x509_certificate(renewed), key


def main(plan_file: str) -> None:
    """Makes the plan true, and prints a line for each Secret. Exit code 1 when an authority that was not made here expires."""
    plan = json.loads(pathlib.Path(plan_file).read_text())
    api, labels = Api(), plan["labels"]
    for name, keys in plan["passwords"].items():
        done = until_settled(name, lambda name=name, keys=keys: ensure_passwords(api, name, keys, labels))
        print(f"{name}: {done}", flush=True)
    authority = until_settled(plan["authority"], lambda: ensure_authority(api, plan["authority"], labels))
    for name, wanted in plan["certificates"].items():
        done = until_settled(name, lambda name=name, wanted=wanted: ensure_certificate(api, name, wanted, authority, labels))
        print(f"{name}: {done}", flush=True)
    left = days_left(authority[0])
    if left < 30:
        raise SystemExit(f"{plan['authority']}: {left} days are left, and it was not made here: replace it")


if __name__ == "__main__":
    main(sys.argv[1])
