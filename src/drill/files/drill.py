"""What a drill runs inside the cluster: a receiver of notifications, and what breaks things from a pod.

    drill.py receive SMTP-PORT HTTP-PORT   takes mails and webhooks; GET /messages gives them, GET /certificate makes one
    drill.py burn                          keeps every core busy, at the lowest priority
    drill.py thrash FOLDER RATE            reads at most so many pages a second of a file there, each from the disk again
    drill.py crash SECONDS                 ends with an error after so many seconds

Whatever it does ends with its pod.
"""

import datetime
import email
import email.policy
import http.server
import json
import mmap
import os
import socketserver
import sys
import tempfile
import threading
import time
import urllib.parse

MESSAGES: list[dict] = []


def remember(**message) -> None:
    """Keeps a message with its number and the time."""
    MESSAGES.append({"number": len(MESSAGES) + 1, "at": time.time(), **message})


class Mail(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as a client needs that delivers mail: no extension, no authentication."""

    timeout = 30

    def answer(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def handle(self) -> None:
        self.answer("220 drill ready")
        sender, recipients = None, []
        while line := self.rfile.readline(2048):
            verb, _, rest = line.decode(errors="replace").strip().partition(" ")
            match verb.upper():
                case "EHLO" | "HELO":
                    self.answer("250 drill")
                case "MAIL":
                    sender, recipients = rest, []
                    self.answer("250 sender noted")
                case "RCPT" if sender is not None:
                    recipients.append(rest.removeprefix("TO:").strip("<> "))
                    self.answer("250 recipient noted")
                case "DATA" if recipients:
                    self.answer("354 go on, end with a dot")
                    self.take(recipients)
                    sender, recipients = None, []
                    self.answer("250 delivered")
                case "RSET" | "NOOP":
                    self.answer("250 well")
                case "QUIT":
                    self.answer("221 bye")
                    return
                case "RCPT" | "DATA":
                    self.answer("503 not in this order")
                case _:
                    self.answer("502 not known here")

    def take(self, recipients: list[str]) -> None:
        """Reads a mail until its lone dot."""
        lines = []
        while (line := self.rfile.readline(65536)) not in (b".\r\n", b".\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        mail = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        body = mail.get_body(("plain", "html"))
        remember(
            via="mail", alert=mail.get("X-Cloudnova-Alert", ""), status=mail.get("X-Cloudnova-Status", ""),
            subject=mail.get("Subject", ""), to=recipients, text=body.get_content() if body else "",
        )


class Web(http.server.BaseHTTPRequestHandler):
    """The webhook, and what the drill asks for through a port-forward."""

    def reply(self, status: int, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        for alert in payload["alerts"]:
            remember(
                via="webhook", alert=alert["labels"].get("alertname", ""), status=alert["status"],
                labels=alert["labels"], annotations=alert["annotations"],
            )
        self.reply(200, {})

    def do_GET(self) -> None:
        address = urllib.parse.urlsplit(self.path)
        asked = dict(urllib.parse.parse_qsl(address.query))
        if address.path == "/messages":
            self.reply(200, MESSAGES[int(asked.get("after", 0)) :])
        elif address.path == "/certificate":
            self.reply(200, certificate(asked["name"], float(asked["days"])))
        else:
            self.reply(200 if address.path == "/ready" else 404, {})

    def log_message(self, format: str, *rest: object) -> None:
        """Silent: the kubelet asks every second."""


def certificate(name: str, days: float) -> dict[str, str]:
    """A self-signed certificate that lasts so many days, and its key, as PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name[:64])])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
        .sign(key, hashes.SHA256())
    )
    pem, raw = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    private = key.private_bytes(pem, raw, serialization.NoEncryption())
    return {"certificate": made.public_bytes(pem).decode(), "key": private.decode()}


def receive(smtp: str, web: str) -> None:
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    mails = socketserver.ThreadingTCPServer(("", int(smtp)), Mail)
    threading.Thread(target=mails.serve_forever, daemon=True).start()
    http.server.ThreadingHTTPServer(("", int(web)), Web).serve_forever()


def burn() -> None:
    os.nice(19)  # whoever has work to do comes first
    for _ in range(os.cpu_count() or 1):
        if os.fork() == 0:
            while True:
                pass
    while True:
        time.sleep(60)


def thrash(folder: str, rate: str) -> None:
    size, batch = 16 * 2**20, int(rate) // 10 * mmap.PAGESIZE
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(os.urandom(size))
        file.flush()
        os.fsync(file.fileno())  # only what is on the disk can leave memory
        with mmap.mmap(file.fileno(), size, prot=mmap.PROT_READ) as pages:
            pages.madvise(mmap.MADV_RANDOM)  # one page at a time, none ahead
            while True:
                pages.madvise(mmap.MADV_DONTNEED)
                os.posix_fadvise(file.fileno(), 0, size, os.POSIX_FADV_DONTNEED)
                for at in range(0, size, mmap.PAGESIZE):
                    pages[at]
                    if at % batch == 0:
                        time.sleep(0.1)


def crash(seconds: str) -> None:
    time.sleep(float(seconds))
    sys.exit("a drill: this container ends on purpose")


if __name__ == "__main__":
    {"receive": receive, "burn": burn, "thrash": thrash, "crash": crash}[sys.argv[1]](*sys.argv[2:])
