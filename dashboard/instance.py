"""The folder of one shop: databases, keys, logs. Knows the names in it and who may read them."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboard.config import Mode
from dashboard.machine import is_shared_folder, make_private_dir, write_private
from dashboard.problems import CannotStart

_DATABASE_NAMES: dict[Mode, str] = {"practice": "practice.db", "live": "live.db"}
_FRESH_STATE: dict[str, Any] = {"mode": None, "made": [], "people_in": None}


@dataclass(frozen=True)
class Instance:
    """The instance folder at ``path``."""

    path: Path

    @classmethod
    def prepare(cls, path: Path) -> Instance:
        """Make the folder if it is missing, for this user's eyes only (SEC-59).

        :raise CannotStart: the folder cannot be made, locked up or written
        """
        if not path.parent.is_dir():
            raise CannotStart(
                f"장부 폴더를 만들 수 없습니다: 상위 폴더 {path.parent}이(가) 없으니 "
                "먼저 만들거나 --instance로 다른 폴더를 지정해 주세요.",
                f"Cannot make the instance folder: {path.parent} does not exist; "
                "make it first or name another folder with --instance.",
            )
        if is_shared_folder(path):
            raise CannotStart(
                f"{path} 폴더는 다른 것들과 함께 쓰는 폴더이니 "
                "--instance로 장부만의 폴더를 지정해 주세요.",
                f"{path} is shared with other things; name a folder of its own with --instance.",
            )
        try:
            make_private_dir(path)
            probe = path / f".writable-{secrets.token_hex(4)}"
            write_private(probe, b"")
            probe.unlink()
        except OSError as error:
            raise CannotStart(
                f"장부 폴더 {path}에 쓸 수 없습니다: 폴더의 권한을 고치거나 "
                "--instance로 다른 폴더를 지정해 주세요.",
                f"Cannot write to the instance folder {path} ({error.strerror or error}); "
                "fix its permissions or name another folder with --instance.",
            ) from error
        return cls(path)

    def database_path(self, mode: Mode) -> Path:
        return self.path / _DATABASE_NAMES[mode]

    @property
    def sandbox_path(self) -> Path:
        """State of the practice PortOne."""
        return self.path / "sandbox.db"

    @property
    def log_dir(self) -> Path:
        return self.path / "logs"

    @property
    def lock_path(self) -> Path:
        """Held by the one `python app.py` of this folder."""
        return self.path / "jangbu.lock"

    def secret_key(self) -> str:
        """The key that signs sessions and forms: made at first use, kept, never a default.

        :raise CannotStart: the kept key is too short to be one of ours (SEC-14)
        """
        path = self.path / "secret_key"
        if not path.exists():
            try:
                write_private(path, secrets.token_hex(32).encode(), exclusive=True)
            except FileExistsError:
                pass  # another process was first; its key is ours too
        key = path.read_text("ascii", errors="replace").strip()
        if len(key) < 64 or len(set(key)) < 8:
            raise CannotStart(
                f"서명 키 파일 {path}이(가) 손상되었습니다: 지우면 새로 만들어지고 "
                "모두 다시 로그인하게 됩니다.",
                f"The signing key {path} is damaged; delete it, a new one is made and everyone "
                "signs in again.",
            )
        return key

    def account_key(self) -> bytes:
        """The key that encrypts bank details which must wait (SEC-56): made at first use, kept.

        A damaged one opens nothing any more; it is put aside and another is made, so that what
        waits is asked for again instead of every refund failing.

        :raise OSError: it cannot be read or written
        """
        from cryptography.fernet import Fernet  # not for the start

        path = self.path / "account_key"
        key = _kept_key(path)
        if key is not None:
            return key
        if path.exists():
            key = _kept_key(path)  # another was first in this moment, and wrote it whole
            if key is not None:
                return key
            os.replace(path, path.with_name(f"account_key.damaged-{secrets.token_hex(4)}"))
        try:
            write_private(path, Fernet.generate_key(), exclusive=True)
        except FileExistsError:
            pass  # another process was first; its key is ours too
        return path.read_bytes().strip()

    @property
    def files_dir(self) -> Path:
        """Evidence people handed in, each under a random name."""
        return self.path / "files"

    # -- what the owner chose ---------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """``mode``: the chosen one or None; ``made``: modes whose database was ever made;
        ``people_in``: the mode whose people are the newest.

        :raise CannotStart: the file cannot be read
        """
        path = self.path / "state.json"
        if not path.exists():
            return dict(_FRESH_STATE)
        try:
            state: dict[str, Any] = _FRESH_STATE | json.loads(path.read_text("utf-8"))
            known = state["mode"] in (None, *_DATABASE_NAMES) and isinstance(state["made"], list)
        except (OSError, ValueError, TypeError):
            known = False
        if not known:
            raise CannotStart(
                f"상태 파일 {path}을(를) 읽을 수 없습니다: 다른 이름으로 옮겨 두고 "
                "다시 시작해 주세요.",
                f"Cannot read {path}; move it aside and start again.",
            )
        return state

    def save_state(self, **changes: Any) -> None:
        self.save_json("state.json", self.state() | changes)

    # -- small private files ----------------------------------------------------------------

    def save_json(self, name: str, value: dict[str, Any]) -> None:
        """Replace a small private file as a whole: readers see the old or the new one."""
        fresh = self.path / f"{name}.{secrets.token_hex(4)}.new"
        try:
            write_private(fresh, json.dumps(value, ensure_ascii=False).encode())
            os.replace(fresh, self.path / name)
        finally:
            fresh.unlink(missing_ok=True)  # of a full disk

    def load_json(self, name: str) -> dict[str, Any] | None:
        """A small private file, or None when it is missing or unreadable."""
        try:
            found = json.loads((self.path / name).read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def remove(self, name: str) -> None:
        (self.path / name).unlink(missing_ok=True)


def _kept_key(path: Path) -> bytes | None:
    from cryptography.fernet import Fernet  # not for the start

    try:
        key = path.read_bytes().strip()
        Fernet(key)
    except (FileNotFoundError, ValueError):
        return None
    return key
