"""The route of evidence: pictures are shown, documents are saved."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, Response, abort
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
    way = "attachment" if row["kind"] == "pdf" else "inline"
    name = quote(files.download_name(row), safe="")
    answer = Response(data, mimetype=files.TYPES[row["kind"]])
    answer.headers["Content-Disposition"] = f"{way}; filename*=UTF-8''{name}"
    return answer
