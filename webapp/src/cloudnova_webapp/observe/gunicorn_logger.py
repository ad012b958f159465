"""gunicorn's logger, made to speak as the application does."""

from typing import Any

from gunicorn.glogging import Logger


class JsonLogger(Logger):
    """Hands gunicorn's own messages to the root logger, as JSON, and writes no access log.

    The application logs each request itself (observe/requests.py), without the query string, which holds names.
    """

    def setup(self, cfg: Any) -> None:
        """Take the level of the root logger, which logs.configure has set."""
        self.cfg = cfg
        self.error_log.propagate = True
        self.error_log.setLevel("NOTSET")

    def access(self, *_: Any) -> None:
        """Write nothing."""
