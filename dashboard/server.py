"""Serves one shop on this PC until it is told to stop."""

from __future__ import annotations

import errno
import gc
import os
import secrets
import signal
import socket
import sqlite3
import threading
import time
import webbrowser
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from types import FrameType

import waitress
from flask import Flask

from dashboard import create_app, high_water, log_files, machine, running, shopfile
from dashboard.checkout.inbox import LONGEST_BODY
from dashboard.checkout.public import create_public_app
from dashboard.config import LOOPBACK, Config
from dashboard.database import connect
from dashboard.instance import Instance
from dashboard.problems import CannotStart, NeedsRecovery
from dashboard.runtime import Runtime
from dashboard.worker import Worker

THREADS = 8
PUBLIC_THREADS = 4
READY_WITHIN_S = 60
STOP_WITHIN_S = 4  # then the process ends whatever still runs; jobs are rows, none is lost

_READY = "Jangbu is ready"
_RECOVERY = "복구 화면을 열었습니다 (Jangbu shows its recovery page)"

Say = Callable[[str], None]
"""Prints one line for the owner."""


def run(config: Config, *, open_browser: bool, say: Say) -> None:
    """Start Jangbu over ``config.instance`` and serve until SIGTERM or Ctrl-C.

    A database that cannot be opened is left as it is; then the recovery page is served.

    :raise CannotStart: one sentence says why
    """
    _check_host(config.host)
    try:
        _run(config, open_browser=open_browser, say=say)
    except OSError as error:  # somebody else's file in our folder, a full disk
        reason = error.strerror or str(error)
        raise CannotStart(
            f"{error.filename or config.instance}을(를) 쓸 수 없습니다({reason}): 권한과 디스크에 "
            "남은 공간을 확인하고 다시 시작하십시오.",
            f"Cannot use {error.filename or config.instance} ({reason}); check its permissions and "
            "the space left on the disk, and start again.",
        ) from error


def _run(config: Config, *, open_browser: bool, say: Say) -> None:
    instance = Instance.prepare(config.instance)
    _warn_about_folder(instance, say)
    lock = running.take_lock(instance)
    if lock is None:
        _show_the_first(instance, open_browser=open_browser, say=say)
        return
    log = log_files.start(instance)
    try:
        _serve(config, instance, open_browser=open_browser, say=say)
    finally:
        running.forget(instance)
        lock.release()
        log_files.stop(log)


@dataclass(frozen=True, kw_only=True)
class _Start:
    """What one start goes by, whatever it serves."""

    instance: Instance
    sock: socket.socket
    url: str
    run_id: str
    open_browser: bool
    say: Say


def _serve(config: Config, instance: Instance, *, open_browser: bool, say: Say) -> None:
    sock = _listen(config)
    with sock:
        any_port = 0 if config.port == 0 and config.public_port is None else config.public_port
        config = replace(config, port=sock.getsockname()[1], public_port=any_port)
        with _listen_for_buyers(config, say) as public_sock:
            _serve_on(sock, public_sock, config, instance, open_browser=open_browser, say=say)


def _serve_on(
    sock: socket.socket,
    public_sock: socket.socket,
    config: Config,
    instance: Instance,
    *,
    open_browser: bool,
    say: Say,
) -> None:
    app = create_app(config)
    runtime: Runtime = app.extensions["jangbu"]
    url = _url(config)
    start = _Start(
        instance=instance,
        sock=sock,
        url=url,
        run_id=runtime.run_id,
        open_browser=open_browser,
        say=say,
    )
    try:
        path = runtime.make_ready()
    except NeedsRecovery as trouble:
        say(trouble.message)
        _stop_on_signals()
        from dashboard.recovery import create_recovery_app  # hardly ever needed

        recovery = create_recovery_app(config, trouble, runtime.run_id)
        _answer(recovery, start, open_url=url, word=_RECOVERY)
        return
    if not shopfile.anybody(path):
        runtime.setup_token = secrets.token_urlsafe(32)
        url = f"{url}/setup?token={runtime.setup_token}"
    _stop_on_signals()
    public = _Public(app, public_sock)
    public.start()
    worker = Worker(app)
    worker.start()
    try:
        _answer(app, start, open_url=url, word=_READY)
    finally:
        public.stop()
        worker.stop()
        _keep_mark(runtime)
        runtime.close()
        with suppress(OSError):
            shopfile.note_whole(runtime.database_path)


class _Public:
    """The buyers' pages, on a loopback port of their own for as long as Jangbu runs."""

    def __init__(self, app: Flask, sock: socket.socket) -> None:
        runtime: Runtime = app.extensions["jangbu"]
        runtime.public_port = sock.getsockname()[1]
        self._server = waitress.create_server(
            create_public_app(app),
            sockets=[sock],
            threads=PUBLIC_THREADS,
            ident=None,
            clear_untrusted_proxy_headers=True,
            max_request_body_size=LONGEST_BODY * 2,
        )
        self._thread = threading.Thread(target=self._server.run, name="public", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with suppress(OSError):
            self._server.close()


def _listen_for_buyers(config: Config, say: Say) -> socket.socket:
    """The port after the dashboard's, so that a tunnel finds the same one each time.

    :raise CannotStart: the port the owner asked for is taken
    """
    if config.public_port is not None:
        return _listen(replace(config, port=config.public_port), option="--public-port")
    host = "127.0.0.1" if config.host == "localhost" else config.host
    try:
        return machine.listen(host, _another(config.port))
    except OSError:
        sock = machine.listen(host, 0)
        say(
            f"{_another(config.port)}번 포트를 쓸 수 없어 구매자 결제 화면을 "
            f"{sock.getsockname()[1]}번에서 엽니다. 터널을 쓴다면 --public-port로 번호를 정해 "
            f"주세요. (Buyers' pages are on port {sock.getsockname()[1]}; fix it with "
            "--public-port.)"
        )
        return sock


def _answer(app: Flask, start: _Start, *, open_url: str, word: str) -> None:
    """Serve until told to stop.

    :param word: what is printed before the address once it answers
    """
    server = waitress.create_server(
        app, sockets=[start.sock], threads=THREADS, ident=None, clear_untrusted_proxy_headers=True
    )
    announce = threading.Thread(
        target=_announce, args=(start, open_url, word), name="announce", daemon=True
    )
    announce.start()
    try:
        server.run()
    finally:
        server.close()


def _announce(start: _Start, open_url: str, word: str) -> None:
    """Say that Jangbu is ready, but only once it really answers."""
    until = time.monotonic() + READY_WITHIN_S
    time.sleep(0.05)  # whoever waits for a page comes first
    while not running.answers(start.url, start.run_id):
        if time.monotonic() > until:
            gc.enable()
            return
        time.sleep(0.05)
    gc.freeze()
    gc.enable()  # see app.py
    with suppress(OSError):  # on a full disk a second start finds nobody; this one works
        running.note(start.instance, url=start.url, open_url=open_url, run_id=start.run_id)
    start.say(f"{word}: {open_url}")
    if start.open_browser:
        webbrowser.open(open_url)


def _keep_mark(runtime: Runtime) -> None:
    """The last events of this process belong to the high-water mark, too."""
    with suppress(sqlite3.Error), closing(connect(runtime.database_path)) as db:
        high_water.keep(db)


def _show_the_first(instance: Instance, *, open_browser: bool, say: Say) -> None:
    found = running.find(instance)
    if found is None:
        raise CannotStart(
            "이 폴더의 장부가 이미 켜져 있지만 응답하지 않습니다: 그 창을 닫고 다시 시작해 주세요.",
            "Jangbu already runs on this folder but does not answer; close it and start again.",
        )
    say(f"장부가 이미 실행 중입니다 (Jangbu is already running): {found.open_url}")
    if open_browser:
        webbrowser.open(found.open_url)


def _check_host(host: str) -> None:
    if host not in LOOPBACK:
        raise CannotStart(
            f"{host} 주소로는 열지 않습니다: 다른 PC에서 접속하려면 TLS가 필요한데 아직 제공하지 "
            "않으니 --host 없이 시작해 주세요.",
            f"Jangbu does not open on {host}: reaching it from other machines needs TLS, which it "
            "does not offer yet; start without --host.",
        )


def _listen(config: Config, option: str = "--port") -> socket.socket:
    host = "127.0.0.1" if config.host == "localhost" else config.host
    try:
        return machine.listen(host, config.port)
    except OverflowError as error:
        raise CannotStart(
            f"{option} {config.port}: 0에서 65535 사이의 번호를 써 주세요.",
            f"{option} {config.port}: use a number from 0 to 65535.",
        ) from error
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EACCES) or machine.on_windows():
            raise CannotStart(
                f"{config.port}번 포트를 다른 프로그램이 쓰고 있으니 다른 번호로 시작해 주세요: "
                f"python app.py {option} {_another(config.port)}",
                f"Port {config.port} is in use by another program; choose another with {option}.",
            ) from error
        raise CannotStart(
            f"{config.host}:{config.port}에서 열 수 없습니다: {error.strerror or error}.",
            f"Cannot listen on {config.host}:{config.port}.",
        ) from error


def _another(port: int) -> int:
    return port + 1 if 1024 <= port < 65535 else 5001


def _url(config: Config) -> str:
    host = f"[{config.host}]" if ":" in config.host else config.host
    return f"http://{host}:{config.port}"


def _warn_about_folder(instance: Instance, say: Say) -> None:
    where = machine.carried_away_by(instance.path)
    if where is not None:
        say(
            f"주의: 장부 폴더가 {where} 안에 있습니다. 구매자 정보가 이 PC 밖으로 복사되거나 "
            "파일이 손상될 수 있으니 다른 폴더로 옮겨 주세요. "
            f"(Warning: the instance folder is inside {where}; move it to a plain local folder.)"
        )


def _stop_on_signals() -> None:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        if not stopping.is_set():
            stopping.set()
            last = threading.Timer(STOP_WITHIN_S, os._exit, args=(0,))
            last.daemon = True
            last.start()
            raise SystemExit(0)

    stopping = threading.Event()
    for name in ("SIGINT", "SIGTERM", "SIGBREAK", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), stop)
