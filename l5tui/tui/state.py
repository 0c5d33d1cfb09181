"""What the app remembers between starts: the theme, and of each workspace the screen, filter and so on."""

from __future__ import annotations

import json
import logging
import os
import uuid
from pathlib import Path
from typing import Any

from platformdirs import user_state_path

log = logging.getLogger(__name__)


class State:
    """A JSON file in the user's state folder; one that is damaged counts as empty.

    Parameters
    ----------
    path : Path, optional
        The file.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or user_state_path("l5tui") / "app.json"
        self._values = self._read()

    def get(self, key: str, default: Any = None) -> Any:
        """Return the stored value of a key if it has the default's type."""
        value = self._values.get(key, default)
        return value if default is None or isinstance(value, type(default)) else default

    def set(self, key: str, value: Any) -> None:
        """Remember a value that JSON has."""
        self._values[key] = value

    def save(self) -> None:
        """Write the file, whole; that it cannot be written is logged, as nothing else depends on it."""
        temporary = self.path.with_name(f".{uuid.uuid4().hex}.part")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps(self._values, indent=2))
            os.replace(temporary, self.path)  # noqa: PTH105
        except OSError as error:
            log.warning("%s could not be written: %s", self.path, error)
            temporary.unlink(missing_ok=True)

    def _read(self) -> dict[str, Any]:
        try:
            values = json.loads(self.path.read_text())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            log.warning("%s could not be read: %s", self.path, error)
            return {}
        return values if isinstance(values, dict) else {}
