"""Attempts to log in, kept in the database so that their limit holds across workers and replicas."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create `login_attempts`. 45 characters hold any IPv6 address as text."""
    op.execute("""
        CREATE TABLE login_attempts (
            id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
            client VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
            at DATETIME(6) NOT NULL,
            KEY login_attempts_client (client, at),
            KEY login_attempts_at (at)
        )
    """)
