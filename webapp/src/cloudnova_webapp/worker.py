"""gunicorn's threaded worker, which holds no thread for a connection that has not asked for anything."""

import selectors
from functools import partial

from gunicorn.workers.gthread import TConn, ThreadWorker


class Worker(ThreadWorker):
    """Waits for a new connection's first bytes where gunicorn waits for those of kept-alive ones.

    gunicorn waits for them in one of its few threads, 5 s for each connection; Traefik opens more than it uses.
    The kernel's TCP_DEFER_ACCEPT is no way: with Linux 6.18 a connection is never accepted whose client probed it (TCP
    keep-alive) before its first request. Go's HTTP client, which Traefik uses, probes every 15 s.
    """

    def enqueue_req(self, conn: TConn) -> None:
        """Hand a connection to the threads, or to the poller when it is new and silent."""
        if conn.initialized or conn.wait_for_data(0):
            super().enqueue_req(conn)
            return
        # As one that is kept alive: a worker that stops waits 2 s for those, and 20 s for others.
        conn.sock.setblocking(False)
        conn.set_timeout()
        self.keepalived_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_client_socket_readable, conn))
