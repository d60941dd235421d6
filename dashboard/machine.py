"""What differs between Linux, macOS and Windows, in one small place."""

from __future__ import annotations

import getpass
import os
import secrets
import socket
import stat
import subprocess
import sys
from pathlib import Path

SYSTEM_SID = "*S-1-5-18"  # the account "SYSTEM", under whatever name a Windows gives it
_CLOUD_NAMES = ("onedrive", "dropbox", "google drive", "icloud", "cloudstorage", "mybox")
_DRIVE_REMOTE = 4  # Windows, GetDriveTypeW


def on_windows() -> bool:
    return os.name == "nt"


def make_private_dir(path: Path) -> None:
    """Make ``path`` (its parent must be there) and let only the current user in.

    :raise OSError: it cannot be made or its permissions cannot be set
    """
    path.mkdir(exist_ok=True, mode=0o700)
    if on_windows():
        _only_me_on_windows(path)
    else:
        os.chmod(path, 0o700)


def make_private_file(path: Path) -> None:
    """Make ``path`` if it is missing and let only the current user read it, whatever the umask.

    :raise OSError: it cannot be made
    """
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    os.chmod(path, 0o600)  # on Windows the folder's access list does this


def write_private(path: Path, content: bytes, *, exclusive: bool = False) -> None:
    """Write a file that only the current user can read, whatever the umask.

    :param exclusive: never over another one, and never half: whoever sees the file sees all of it
    :raise FileExistsError: ``exclusive`` and the file is there already
    """
    if exclusive:
        _write_whole(path, content)
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        os.chmod(path, 0o600)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _write_whole(path: Path, content: bytes) -> None:
    """Under another name first: a process that dies here, or looks in here, finds no half file."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
    try:
        write_private(fresh, content)
        try:
            os.link(fresh, path)
        except FileExistsError:
            raise
        except OSError:  # a drive without links (FAT)
            if path.exists():
                raise FileExistsError(path) from None
            os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


def is_shared_folder(path: Path) -> bool:
    """Whether others live in this folder (``/tmp``, the home folder): never to be locked up."""
    path = path.resolve()
    if path == path.parent or path == Path.home().resolve():
        return True
    return path.is_dir() and bool(path.stat().st_mode & stat.S_ISVTX)


def carried_away_by(path: Path) -> str | None:
    """What copies or shares this folder behind our back: ``OneDrive``, ``network``; else None.

    SQLite's locks do not hold on a network drive, and a cloud copy is a copy of every buyer.
    """
    text = str(path)
    if text.startswith(("\\\\", "//")) or _is_network_drive(path):
        return "network"
    for part in path.parts:
        if any(part.lower().startswith(name) for name in _CLOUD_NAMES):
            return part
    return None


def listen(host: str, port: int) -> socket.socket:
    """A listening socket of our own.

    On Windows SO_REUSEADDR would let a second program take the same port; there the opposite
    is asked for.

    :raise OSError: the port is in use or not allowed
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        if on_windows():
            found.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_EXCLUSIVEADDRUSE", -5), 1)
        else:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(128)
    except BaseException:
        found.close()
        raise
    return found


def speak_any_language() -> None:
    """Let a console that lacks Hangul show escapes instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _only_me_on_windows(path: Path) -> None:
    """The folder's access list: this user and SYSTEM, inherited by everything inside (SEC-59)."""
    domain = os.environ.get("USERDOMAIN")
    user = f"{domain}\\{getpass.getuser()}" if domain else getpass.getuser()
    grants = [f"{who}:(OI)(CI)F" for who in (user, SYSTEM_SID)]
    icacls = str(Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "icacls.exe"))
    command = [icacls, str(path), "/inheritance:r", "/grant:r", *grants]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=20)  # noqa: S603 - fixed
    except (subprocess.SubprocessError, OSError) as error:
        raise PermissionError(f"icacls: {path}") from error


def _is_network_drive(path: Path) -> bool:
    if not on_windows() or not path.drive:
        return False
    import ctypes

    kernel32 = getattr(ctypes, "windll").kernel32  # noqa: B009 - absent elsewhere, so for mypy
    return bool(kernel32.GetDriveTypeW(f"{path.drive}\\") == _DRIVE_REMOTE)
