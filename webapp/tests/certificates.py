"""A throw-away certificate authority and a server certificate for 127.0.0.1 and localhost."""

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def write_certificates(folder: Path) -> None:
    """Write ca.pem, server.pem, server-key.pem, and other-ca.pem, an authority that signed nothing here."""
    key, certificate = _authority("CloudNova test CA")
    _, other = _authority("Some other CA")
    server_key = ec.generate_private_key(ec.SECP256R1())
    server = (
        _builder("mysql", "CloudNova test CA", server_key)
        .add_extension(x509.SubjectAlternativeName(
            [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    for name, content in (("ca", certificate), ("other-ca", other), ("server", server)):
        (folder / f"{name}.pem").write_bytes(content.public_bytes(serialization.Encoding.PEM))
    (folder / "server-key.pem").write_bytes(server_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))


def _authority(name: str):
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(name, name, key).add_extension(x509.BasicConstraints(True, 0), True)
    return key, builder.sign(key, hashes.SHA256())


def _builder(subject: str, issuer: str, key) -> x509.CertificateBuilder:
    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder().subject_name(named(subject)).issuer_name(named(issuer)).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=7))
    )
