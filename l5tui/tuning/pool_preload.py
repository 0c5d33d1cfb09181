"""What the fork server imports first: its standard error is a file before any library can write to it."""

from __future__ import annotations

from l5tui.tuning.pool_stderr import take_over

take_over()
