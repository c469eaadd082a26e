"""What an audit entry may say: short text and plain values that read back as they were, and no secrets."""

from collections.abc import Mapping

from core.api import InvalidInput

type Detail = str | int | bool | None

_LONGEST_NAME = 64
_LONGEST_VALUE = 1000
_LARGEST = 2**63 - 1
_MOST = 32
_SECRETS = frozenset(
    {"code", "cookie", "credential", "credentials", "key", "otp", "passphrase", "password", "pin", "secret", "token"}
)
"""A detail whose name ends in one of these words is refused: its value would be the thing itself."""


def check_details(details: Mapping[str, Detail]) -> None:
    """Raise ``InvalidInput`` for what is too much, is no plain value, or has the name of a secret.

    Types that hide secrets are no plain values. Floats are refused: databases do not give back what was written.
    """
    if len(details) > _MOST:
        raise InvalidInput(f"must be at most {_MOST}, not {len(details)}", path="details")
    for name, value in details.items():
        path = f"details.{name:.64}"
        check_text(path, name, longest=_LONGEST_NAME)
        if name.lower().rpartition("_")[2] in _SECRETS:
            raise InvalidInput("is the name of a secret: an audit holds none", path=path)
        if isinstance(value, str):
            check_text(path, value, longest=_LONGEST_VALUE, may_be_empty=True)
        elif isinstance(value, int):
            if abs(value) > _LARGEST:
                raise InvalidInput("must fit into 64 bits", path=path)
        elif value is not None:
            raise InvalidInput(
                f"must be text, a whole number, true, false or nothing, not {type(value).__name__}", path=path
            )


def check_text(path: str, text: str, *, longest: int, may_be_empty: bool = False) -> None:
    """Raise ``InvalidInput`` for text that is no text, too long, empty, or that a database can't hold."""
    if not isinstance(text, str):
        raise InvalidInput(f"must be text, not {type(text).__name__}", path=path)
    if len(text) > longest or not (text or may_be_empty):
        raise InvalidInput(f"must have {0 if may_be_empty else 1} to {longest} characters, not {len(text)}", path=path)
    if "\0" in text or (not text.isprintable() and any("\ud800" <= letter <= "\udfff" for letter in text)):
        raise InvalidInput("must hold no NUL and no half of a character", path=path)
