"""Counts of attempts to log in, by network and device.

The version before this one still writes `login_attempts` during a rolling update: a later migration drops it.
"""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create `login_limits`. With the primary key as its only index, statements that lock one row cannot deadlock."""
    op.execute("""
        CREATE TABLE login_limits (
            source VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
            attempts SMALLINT UNSIGNED NOT NULL,
            until DATETIME(6) NOT NULL
        )
    """)
