"""What differs between Linux, macOS and Windows, in one small place."""

from __future__ import annotations

import os
from pathlib import Path


def make_private_dir(path: Path) -> None:
    """Make ``path`` and let only the current user in.

    :raise OSError: it cannot be made or its permissions cannot be set
    """
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.chmod(path, 0o700)


def write_private(path: Path, content: bytes, *, exclusive: bool = False) -> None:
    """Write a file that only the current user can read, whatever the umask.

    :raise FileExistsError: ``exclusive`` and the file is there already
    """
    flags = os.O_WRONLY | os.O_CREAT | (os.O_EXCL if exclusive else os.O_TRUNC)
    descriptor = os.open(path, flags, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.chmod(path, 0o600)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
