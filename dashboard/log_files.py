"""Where log lines go: files in the instance folder that only this user reads (SEC-53, SEC-59)."""

from __future__ import annotations

import io
import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from dashboard.instance import Instance
from dashboard.logs import OneLine
from dashboard.machine import make_private_dir, make_private_file

FILE_BYTES = 5 * 1024 * 1024
FILES = 10  # the one being written and nine older ones
_NAME = "jangbu.log"


class PrivateLog(RotatingFileHandler):
    """Ten files of 5 MB; a full disk costs log lines, never a request."""

    def _open(self) -> io.TextIOWrapper:
        make_private_file(Path(self.baseFilename))
        return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:
        """Say nothing: there is nowhere left to say it."""


def start(instance: Instance) -> logging.Handler:
    """Send every logger's lines to the instance's files; answers the handler to stop again."""
    make_private_dir(instance.log_dir)
    handler = PrivateLog(
        instance.log_dir / _NAME, maxBytes=FILE_BYTES, backupCount=FILES - 1, encoding="utf-8"
    )
    handler.setFormatter(OneLine())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    return handler


def stop(handler: logging.Handler) -> None:
    """Close the file and listen no more."""
    logging.getLogger().removeHandler(handler)
    handler.close()
