"""The route of evidence: pictures are shown, documents are saved."""

from __future__ import annotations

import io

from flask import Blueprint, abort, send_file
from flask.typing import ResponseReturnValue

from dashboard import files
from dashboard.accounts.permissions import needs
from dashboard.database import get_db
from dashboard.runtime import runtime

blueprint = Blueprint("files", __name__)


@blueprint.get("/files/<file_id>")
@needs("see_evidence")
def show(file_id: str) -> ResponseReturnValue:
    """One file somebody handed in. Looking writes nothing (SEC-07)."""
    row = files.find(get_db(), file_id)
    data = None if row is None else files.read(runtime().instance, row)
    if row is None or data is None:
        abort(404)
    return send_file(
        io.BytesIO(data),
        mimetype=files.TYPES[row["kind"]],
        as_attachment=row["kind"] == "pdf",
        download_name=files.download_name(row),
        max_age=None,
    )
