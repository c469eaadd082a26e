"""Letters: by SMTP to a real server, and into a folder."""

import asyncio
import socket
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from core.api import InvalidInput
from tenants.accounts.letters import LOCALES, Occasion, letter, locale_of
from tenants.accounts.mail import FolderMailer, Letter, MailFailed, SmtpMailer

SENDER = "Reelhouse <house@videos.example>"
WORDS = {
    "name": "<b>Ada</b>",
    "email": "a@b.c",
    "inviter": "Bob\r\nBcc: all@example.com",
    "workspace": "Films & Co",
    "threshold": "80",
    "metric": "<b>",
    "used": "1 GiB",
    "limit": "2 GiB",
}


class Taking:
    """Takes mail."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        self.taken.append(envelope)
        return "250 OK"


async def test_a_server_gets_the_letter_as_it_was_written() -> None:
    handler = Taking()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(handler, hostname="127.0.0.1", port=port)
    await asyncio.to_thread(server.start)
    try:
        mailer = SmtpMailer.of(f"smtp://127.0.0.1:{port}", SENDER)
        await mailer.send(letter(Occasion.CONFIRM, "ada@example.com", "fr", link="https://v/c#t", name="Zoë"))
    finally:
        await asyncio.to_thread(server.stop)
    [envelope] = handler.taken
    assert envelope.rcpt_tos == ["ada@example.com"]
    assert isinstance(envelope.content, bytes)
    message = message_from_bytes(envelope.content, policy=policy.default)
    assert message["Subject"] == "Confirmez votre adresse"
    body = message.get_body(("plain",))
    assert body is not None
    assert "Bienvenue chez Reelhouse, Zoë." in body.get_content()


async def test_a_server_that_is_not_there_is_told_without_its_password() -> None:
    mailer = SmtpMailer.of("smtp://ada:secret-word@127.0.0.1:9", SENDER)
    with pytest.raises(MailFailed) as caught:
        await mailer.send(Letter(to="a@b.c", subject="x", paragraphs=("y",)))
    assert "secret-word" not in str(caught.value) + repr(mailer)


@pytest.mark.parametrize("url", ["http://x", "smtp://", "smtps://host:port", "host"])
def test_an_address_that_is_no_mail_server_s_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput):
        SmtpMailer.of(url, SENDER)


@pytest.mark.parametrize("occasion", Occasion)
@pytest.mark.parametrize("locale", LOCALES)
def test_every_letter_is_written_in_every_language_and_nothing_in_it_is_markup(
    tmp_path: Path, occasion: Occasion, locale: str
) -> None:
    written = letter(occasion, "ada@example.com", locale, link='https://v/c#"><script>', **WORDS)
    asyncio.run(FolderMailer(folder=tmp_path, sender=SENDER).send(written))
    [path] = tmp_path.glob("*.eml")
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert message["To"] == "ada@example.com"
    assert message["Bcc"] is None
    html = message.get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()
    assert "<b>" not in html.get_content()
    assert "{" not in str(message["Subject"]) + html.get_content()


def test_languages_are_found_by_locale() -> None:
    assert [locale_of(each) for each in ("fr", "fr-CA", "FR-fr", "de", "")] == ["fr", "fr", "fr", "en", "en"]
