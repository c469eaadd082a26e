"""Mail: letters to users, as files in a folder or by SMTP."""

import asyncio
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from html import escape
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from core.api import InvalidInput, ReelhouseError

_TIMEOUT_S = 30.0
_PORTS: Mapping[str, int] = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class MailFailed(ReelhouseError):
    """A letter could not be handed over."""

    code = "mail_failed"
    status = 503


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter to one user: paragraphs of plain text, and perhaps one thing to click on."""

    to: str
    subject: str
    paragraphs: tuple[str, ...]
    link: str | None = None
    link_text: str = ""

    def as_message(self, sender: str) -> EmailMessage:
        """Return the mail: plain text, and HTML that says the same. Nothing in it is taken for markup."""
        message = EmailMessage(policy=SMTP)
        message["From"] = sender
        message["To"] = Address(addr_spec=self.to)
        message["Subject"] = " ".join(self.subject.split())
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].rstrip(">"))
        message["Auto-Submitted"] = "auto-generated"
        message.set_content("\n\n".join([*self.paragraphs, *([self.link] if self.link else [])]) + "\n")
        body = "".join(f"<p>{escape(text)}</p>" for text in self.paragraphs)
        if self.link:
            body += f'<p><a href="{escape(self.link)}">{escape(self.link_text or self.link)}</a></p>'
        page = f'<!doctype html><html><body style="font:16px/1.5 sans-serif;max-width:36em">{body}</body></html>'
        message.add_alternative(page, subtype="html")
        return message


class Mailer(Protocol):
    """A way for letters to reach users."""

    async def send(self, letter: Letter) -> None:
        """Hand a letter over; raise ``MailFailed``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderMailer:
    """Puts letters into a folder, a file each: for trying things out, and where another program sends them."""

    folder: Path
    sender: str

    async def send(self, letter: Letter) -> None:
        """Write the letter, whole or not at all; the names sort by time."""
        await asyncio.to_thread(self._write, letter.as_message(self.sender).as_bytes())

    def _write(self, content: bytes) -> None:
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{uuid4().hex[:8]}.eml"
            beside = self.folder / f".{name}"
            beside.touch(mode=0o600)
            beside.write_bytes(content)
            beside.rename(self.folder / name)
        except OSError as err:
            raise MailFailed(f"a letter can't be written: {err.strerror}") from err


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpMailer:
    """Hands letters to a mail server. ``scheme`` says how: ``smtps``, ``smtp+starttls``, or ``smtp``, unencrypted."""

    scheme: str
    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, url: str, sender: str) -> "SmtpMailer":
        """Return the mailer for ``smtps://USER:PASSWORD@HOST:PORT``. Raise ``InvalidInput``, without the address."""
        try:
            parts = urlsplit(url)
            port = parts.port or _PORTS[parts.scheme]
        except (ValueError, KeyError):
            raise InvalidInput(f"must begin with one of {', '.join(_PORTS)}, and ://", path="mail.server") from None
        if not parts.hostname:
            raise InvalidInput("names no host", path="mail.server")
        return cls(
            scheme=parts.scheme,
            host=parts.hostname,
            port=port,
            sender=sender,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )

    async def send(self, letter: Letter) -> None:
        """Send the letter; the server has taken it when this returns."""
        await asyncio.to_thread(self._send, letter.as_message(self.sender))

    def _send(self, message: EmailMessage) -> None:
        tls = ssl.create_default_context()
        try:
            if self.scheme == "smtps":
                connection: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=_TIMEOUT_S, context=tls)
            else:
                connection = smtplib.SMTP(self.host, self.port, timeout=_TIMEOUT_S)
            with connection:
                if self.scheme == "smtp+starttls":
                    connection.starttls(context=tls)
                if self.user:
                    connection.login(self.user, self.password)
                connection.send_message(message)
        except (OSError, smtplib.SMTPException) as err:
            raise MailFailed(f"the mail server {self.host} took no letter: {type(err).__name__}") from err
