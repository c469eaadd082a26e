"""A small cache of pictures, bounded by the bytes they hold."""

from collections import OrderedDict
from collections.abc import Callable, Hashable


class PictureCache[Picture]:
    """Keeps the most recently used pictures. One owner, one thread."""

    def __init__(self, size_of: Callable[[Picture], int], *, most_bytes: int) -> None:
        self._size_of = size_of
        self._most_bytes = most_bytes
        self._bytes = 0
        self._pictures: OrderedDict[Hashable, Picture] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Picture]) -> Picture:
        """Return the picture of a key, made when it is not there."""
        if key in self._pictures:
            self._pictures.move_to_end(key)
            return self._pictures[key]
        picture = make()
        self._pictures[key] = picture
        self._bytes += self._size_of(picture)
        while self._bytes > self._most_bytes and len(self._pictures) > 1:
            _, oldest = self._pictures.popitem(last=False)
            self._bytes -= self._size_of(oldest)
        return picture
