"""Bodies that are taken as they come: the parts of uploads. Everything else is small, and read whole."""

import asyncio
from typing import Any, override

from quart import Request
from quart.wrappers.request import Body
from werkzeug.datastructures import Headers

from webshell.api.uploads import PART

_PARTS_WAITING = 16
"""How many pieces, of 64 KiB at most, wait for the disk before the sender has to."""


class _StreamedBody(Body):
    """A body that is iterated over, and makes its sender wait; awaiting it whole would never end."""

    def __init__(self) -> None:
        super().__init__(None, None)
        self._queue = asyncio.Queue(_PARTS_WAITING)


class StreamingRequest(Request):
    """A request whose body may be a part of an upload: of any length, and as slow as it is."""

    @override
    def __init__(
        self, method: str, scheme: str, path: str, query_string: bytes, headers: Headers, *args: Any, **options: Any
    ) -> None:
        is_part = headers.get("Content-Type", "").partition(";")[0].strip().lower() == PART
        if is_part:
            options["max_content_length"] = None
        super().__init__(method, scheme, path, query_string, headers, *args, **options)
        if is_part:
            self.body = _StreamedBody()
