"""A TCP tunnel to MySQL at another loopback address: it can hide that the server speaks TLS, or break off at any point."""

import contextlib
import socket
import struct
import threading

_CLIENT_SSL = 0x0800


class Tunnel:
    """Context manager; `port` is where it listens on `host`, `connections` how many came.

    With `answers`, a connection is broken off after so many pieces that the server sent; `broken` counts those. It may be changed, for
    connections that come after.
    """

    def __init__(self, host: str, target_port: int, strip_tls: bool = False, answers: int | None = None):
        self._target, self._strip, self.answers = target_port, strip_tls, answers
        self._listener = socket.create_server((host, 0))
        self.port = self._listener.getsockname()[1]
        self.connections = self.broken = 0

    def __enter__(self) -> "Tunnel":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            server = socket.create_connection(("127.0.0.1", self._target))
            for source, sink, first, pieces in ((client, server, False, None), (server, client, self._strip, self.answers)):
                threading.Thread(target=self._copy, args=(source, sink, first, pieces), daemon=True).start()

    def _copy(self, source: socket.socket, sink: socket.socket, strip: bool, pieces: int | None) -> None:
        with contextlib.suppress(OSError):
            while pieces != 0 and (data := source.recv(65536)):
                sink.sendall(_without_tls(data) if strip else data)
                strip = False
                pieces = pieces and pieces - 1
        self.broken += pieces == 0
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def _without_tls(greeting: bytes) -> bytes:
    # The lower half of the capability flags follows the version string (ended by 0), the thread id, 8 octets and a 0.
    at = greeting.index(b"\0", 5) + 1 + 4 + 8 + 1
    flags, = struct.unpack_from("<H", greeting, at)
    return greeting[:at] + struct.pack("<H", flags & ~_CLIENT_SSL) + greeting[at + 2:]
