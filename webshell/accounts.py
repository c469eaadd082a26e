"""What accounts work with in the web shell, by its settings."""

from tenants.accounts.mail import FolderMailer, Mailer, SmtpMailer
from tenants.accounts.passwords import Passwords
from tenants.accounts.services import Accounts, Registration
from tenants.house.house import House
from tenants.house.house_keys import HouseKeys
from webshell.settings import Settings

MAIL_FOLDER = "mail"
"""Where in the home letters lie, if no mail server is set."""


def accounts_of(house: House, settings: Settings) -> Accounts:
    """Put together what accounts of a house work with. Raise ``InvalidInput`` for a mail server that is none."""
    mail, server = settings.tables.mail, settings.tables.server
    mailer: Mailer = FolderMailer(folder=settings.home / MAIL_FOLDER, sender=mail.sender)
    if mail.server:
        mailer = SmtpMailer.of(mail.server, mail.sender)
    scheme = "https" if server.tls_certificate else "http"
    return Accounts(
        house=house,
        keys=HouseKeys(house.keyring),
        passwords=Passwords(),
        mailer=mailer,
        url=server.public_url or f"{scheme}://localhost:{server.port}",
        registration=Registration(settings.tables.accounts.registration),
    )
