"""Answers that are files: a Chinese file name for browsers, one in plain letters for the rest."""

from __future__ import annotations

import re
from urllib.parse import quote

from flask import Response, request, send_file

from marketplace import OutputFile

# No path, no quotation mark, nothing a file system refuses.
_UNFIT = re.compile(r'[\x00-\x1f\x7f"\\/:*?<>|]')
MAX_NAME = 100


def download(file: OutputFile) -> Response:
    """The file as an attachment; one whose state is known may be asked for again by its tag."""
    response = send_file(file.stream, etag=file.mark or False, conditional=bool(file.mark), mimetype="text/plain")
    response.content_type = file.media_type
    if response.status_code == 200:
        response.content_length = file.size
    if response.status_code == 304 or request.method == "HEAD":
        # Nobody will read it to its end.
        file.stream.close()
    response.headers["Content-Disposition"] = attachment(file.name, file.plain_name)
    return response


def attachment(name: str, plain_name: str) -> str:
    """The header that names a file: ``plain_name`` in ASCII, ``name`` by RFC 5987."""
    stem, dot, ending = _UNFIT.sub("_", name).rpartition(".")
    whole = f"{stem[:MAX_NAME]}{dot}{ending}"
    return f"attachment; filename=\"{plain_name}\"; filename*=UTF-8''{quote(whole, safe='')}"
