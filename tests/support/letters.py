"""Letters that a house wrote into its folder."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path


def letters(home: Path) -> list[EmailMessage]:
    """Return all letters, the oldest first."""
    return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted((home / "mail").glob("*"))]


def plain(letter: EmailMessage) -> str:
    """Return a letter's text."""
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def secret_in(letter: EmailMessage) -> str:
    """Return the token that a letter's link holds."""
    found = re.search(r"^http\S+#(\S+)$", plain(letter), re.MULTILINE)
    assert found is not None
    return found[1]
