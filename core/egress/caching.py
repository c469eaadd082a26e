"""Answers that are kept for a while, in memory alone: addresses and headers may hold keys, which no disk shall see."""

import threading
import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import override
from uuid import UUID, uuid4

from hishel import AsyncBaseStorage, Entry, Headers, Request, Response

MOST_BYTES = 64 * 2**20
LARGEST_ANSWER = 2 * 2**20


@dataclass(slots=True, kw_only=True)
class _Kept:
    entry: Entry
    body: bytes
    deadline: float | None


@dataclass(slots=True)
class AnswerCache:
    """All answers that a process keeps; those that were used the longest time ago go first. Sizes in bytes."""

    most: int = MOST_BYTES
    largest: int = LARGEST_ANSWER
    _kept: OrderedDict[tuple[str, str, UUID], _Kept] = field(default_factory=OrderedDict, repr=False)
    _size: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def of(self, room: str) -> AsyncBaseStorage:
        """Return what is kept for one room; nobody finds anything in another's."""
        return _Room(self, room)

    def find(self, room: str, key: str) -> list[_Kept]:
        """Return what lies under a key and is not too old."""
        now = time.monotonic()
        with self._lock:
            places = [place for place in self._kept if place[:2] == (room, key)]
            for place in places:
                self._kept.move_to_end(place)
            found = [self._kept[place] for place in places]
        return [each for each in found if each.deadline is None or each.deadline > now]

    def keep(self, room: str, key: str, kept: _Kept) -> None:
        """Keep an answer whole."""
        with self._lock:
            self._kept[room, key, kept.entry.id] = kept
            self._size += len(kept.body)
            while self._size > self.most:
                _, gone = self._kept.popitem(last=False)
                self._size -= len(gone.body)

    def change(self, room: str, entry_id: UUID, headers: Headers | None) -> None:
        """Give an answer new headers; without any it is forgotten. Nothing happens where it is gone already."""
        with self._lock:
            place = next((place for place in self._kept if (place[0], place[2]) == (room, entry_id)), None)
            if place is None:
                return
            if headers is None:
                self._size -= len(self._kept.pop(place).body)
            else:
                kept = self._kept[place]
                kept.entry = replace(kept.entry, response=replace(kept.entry.response, headers=headers))


class _Room(AsyncBaseStorage):
    """One room of a cache, as hishel asks for it."""

    def __init__(self, cache: AnswerCache, room: str) -> None:
        super().__init__(max_stream_size=cache.largest)
        self._cache = cache
        self._room = room

    @override
    async def create_entry(
        self, request: Request, response: Response, key: str, *, ttl: float | None = None, tti: float | None = None
    ) -> Entry:
        """Return an entry whose body is kept once it was read to its end. What is no success is never kept."""
        deadline = None if ttl is None else time.monotonic() + ttl
        entry = Entry(id=uuid4(), request=request, response=replace(response, stream=None))
        read = self._read(response, key, _Kept(entry=entry, body=b"", deadline=deadline))
        return replace(entry, response=replace(response, stream=read))

    async def _read(self, response: Response, key: str, kept: _Kept) -> AsyncIterator[bytes]:
        if not isinstance(response.stream, AsyncIterator):
            raise TypeError("an answer is read asynchronously")
        pieces: list[bytes] = []
        size = 0
        async for piece in response.stream:
            size += len(piece)
            if size <= self._cache.largest:
                pieces.append(piece)
            yield piece
        if size <= self._cache.largest and response.status_code == 200:
            kept.body = b"".join(pieces)
            self._cache.keep(self._room, key, kept)

    @override
    async def get_entries(self, key: str) -> list[Entry]:
        """Return what is kept under a key."""
        return [
            replace(each.entry, response=replace(each.entry.response, stream=_stream(each.body)))
            for each in self._cache.find(self._room, key)
        ]

    @override
    async def update_headers(self, id: UUID, headers: Headers) -> None:
        """Give a kept answer the headers that the other side has confirmed it with."""
        self._cache.change(self._room, id, headers)

    @override
    async def remove_entry(self, id: UUID) -> None:
        """Forget an answer."""
        self._cache.change(self._room, id, None)


async def _stream(body: bytes) -> AsyncIterator[bytes]:
    yield body
