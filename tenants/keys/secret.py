"""Secrets as types: what holds one shows nothing of it, and refuses to be pickled or copied."""

from hmac import compare_digest
from typing import NoReturn, SupportsIndex


class Concealed:
    """Base of what holds a secret: its repr hides everything, pickling and copying are refused."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    def __reduce_ex__(self, protocol: SupportsIndex, /) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} can't be pickled or copied: it holds a secret")


class Secret(Concealed):
    """Bytes that are shown only to who asks by ``reveal``; compared in constant time.

    Python can't wipe bytes: they stay in memory until that is used again (``docs/keys.md``).
    """

    __slots__ = ("_value",)
    __hash__ = None  # type: ignore[assignment]  # how Python is told that there is none

    def __init__(self, value: bytes) -> None:
        self._value = value

    def reveal(self) -> bytes:
        """Return the bytes themselves."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return compare_digest(self._value, other._value) if isinstance(other, Secret) else NotImplemented
