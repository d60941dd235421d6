"""Linux, macOS and Windows: who may read what, and where the folder is (SEC-59)."""

import errno
import logging
import os
import socket
import stat
import subprocess
from pathlib import Path

import pytest

from dashboard import log_files, machine
from dashboard.instance import Instance
from dashboard.problems import CannotStart


@pytest.fixture(params=[0o022, 0o000])
def umask(request):
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folders_and_files_are_private(tmp_path, umask):
    machine.make_private_dir(tmp_path / "folder")
    machine.write_private(tmp_path / "folder" / "key", b"secret")
    machine.make_private_file(tmp_path / "folder" / "file")
    assert mode(tmp_path / "folder") == 0o700
    assert mode(tmp_path / "folder" / "key") == 0o600
    assert mode(tmp_path / "folder" / "file") == 0o600


def test_an_open_folder_is_closed_again(tmp_path, umask):
    (tmp_path / "instance").mkdir(mode=0o777)
    Instance.prepare(tmp_path / "instance")
    assert mode(tmp_path / "instance") == 0o700


def test_an_open_file_is_closed_when_written(tmp_path):
    path = tmp_path / "key"
    path.write_bytes(b"old")
    path.chmod(0o644)
    machine.write_private(path, b"new")
    assert (mode(path), path.read_bytes()) == (0o600, b"new")


def test_exclusive_never_overwrites(tmp_path):
    machine.write_private(tmp_path / "key", b"first", exclusive=True)
    with pytest.raises(FileExistsError):
        machine.write_private(tmp_path / "key", b"second", exclusive=True)
    assert (tmp_path / "key").read_bytes() == b"first"


def test_exclusive_is_all_or_nothing(tmp_path, monkeypatch):
    """A process that died halfway once left an empty signing key, and nothing started any more."""
    seen = []

    def die(_descriptor: int) -> None:
        seen.append((tmp_path / "key").exists())
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(machine.os, "fsync", die)
    with pytest.raises(OSError, match="no space"):
        machine.write_private(tmp_path / "key", b"secret", exclusive=True)
    assert seen == [False]
    assert list(tmp_path.iterdir()) == []


def test_exclusive_works_on_a_drive_without_links(tmp_path, monkeypatch):
    def refuse(*_paths) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(machine.os, "link", refuse)
    machine.write_private(tmp_path / "key", b"first", exclusive=True)
    with pytest.raises(FileExistsError):
        machine.write_private(tmp_path / "key", b"second", exclusive=True)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"first"]


@pytest.fixture
def windows(monkeypatch):
    """The commands a Windows would be given."""
    given: list[list[str]] = []

    def run(command, **_options):
        given.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(machine, "on_windows", lambda: True)
    monkeypatch.setattr(machine.subprocess, "run", run)
    monkeypatch.setattr(machine.getpass, "getuser", lambda: "sunyoung")
    monkeypatch.setenv("USERDOMAIN", "SHOP-PC")
    monkeypatch.setenv("SYSTEMROOT", r"C:\Windows")
    return given


def test_on_windows_only_the_user_and_the_system_get_in(tmp_path, windows):
    machine.make_private_dir(tmp_path / "instance")
    [command] = windows
    assert command[0].endswith("icacls.exe")
    assert command[1:] == [
        str(tmp_path / "instance"),
        "/inheritance:r",
        "/grant:r",
        r"SHOP-PC\sunyoung:(OI)(CI)F",
        "*S-1-5-18:(OI)(CI)F",
    ]


def test_on_windows_a_folder_that_stays_open_is_not_used(tmp_path, windows, monkeypatch):
    def fail(command, **_options):
        raise subprocess.CalledProcessError(5, command)

    monkeypatch.setattr(machine.subprocess, "run", fail)
    with pytest.raises(CannotStart):
        Instance.prepare(tmp_path / "instance")


@pytest.mark.parametrize(
    ("path", "where"),
    [
        (r"C:\Users\kim\OneDrive - Shop\jangbu", "OneDrive - Shop"),
        ("/Users/kim/Dropbox/jangbu", "Dropbox"),
        ("/Users/kim/Library/CloudStorage/OneDrive-Shop/x", "CloudStorage"),
        (r"\\server\share\jangbu", "network"),
        ("/home/kim/jangbu", None),
        (r"C:\Users\kim\jangbu", None),
    ],
)
def test_a_folder_that_leaves_the_pc_is_noticed(path, where):
    from pathlib import PurePosixPath, PureWindowsPath

    pure = PureWindowsPath(path) if "\\" in path else PurePosixPath(path)
    assert machine.carried_away_by(pure) == where


def test_a_mapped_network_drive_is_noticed(monkeypatch):
    from pathlib import PureWindowsPath

    monkeypatch.setattr(machine, "_is_network_drive", lambda path: path.drive == "Z:")
    assert machine.carried_away_by(PureWindowsPath(r"Z:\jangbu")) == "network"
    assert machine.carried_away_by(PureWindowsPath(r"C:\jangbu")) is None


def test_a_port_is_never_shared():
    with machine.listen("127.0.0.1", 0) as first:
        with pytest.raises(OSError), machine.listen("127.0.0.1", first.getsockname()[1]):
            pass


def test_on_windows_the_port_is_asked_for_alone(monkeypatch):
    asked: list[int] = []

    class Socket(socket.socket):
        def setsockopt(self, _level, option, value):
            asked.append(option)

    monkeypatch.setattr(machine.socket, "socket", Socket)
    monkeypatch.setattr(machine, "on_windows", lambda: True)
    machine.listen("127.0.0.1", 0).close()
    assert asked == [getattr(socket, "SO_EXCLUSIVEADDRUSE", -5)]


def test_logs_are_private_and_turn_over(tmp_path, umask, monkeypatch):
    monkeypatch.setattr(log_files, "FILE_BYTES", 300)
    instance = Instance.prepare(tmp_path / "instance")
    level = logging.getLogger().level
    handler = log_files.start(instance)
    try:
        for number in range(100):
            logging.getLogger("dashboard.test").info("line %s\nforged", number)
    finally:
        log_files.stop(handler)
        logging.getLogger().setLevel(level)
    files = sorted(instance.log_dir.iterdir())
    assert len(files) == log_files.FILES
    assert {mode(path) for path in files} == {0o600}
    assert mode(instance.log_dir) == 0o700
    lines = (instance.log_dir / "jangbu.log").read_text("utf-8").splitlines()
    assert lines and all("dashboard.test: line" in line for line in lines)


def test_a_full_disk_costs_no_request(tmp_path, monkeypatch, capsys):
    instance = Instance.prepare(tmp_path / "instance")
    level = logging.getLogger().level
    handler = log_files.start(instance)
    try:

        def full(_text):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(handler.stream, "write", full)
        logging.getLogger("dashboard.test").warning("lost")
    finally:
        log_files.stop(handler)
        logging.getLogger().setLevel(level)
    assert capsys.readouterr().err == ""
