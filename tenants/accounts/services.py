"""What accounts work with, put together once by who opens the house."""

from dataclasses import dataclass
from enum import StrEnum

from tenants.accounts.mail import Mailer
from tenants.accounts.passwords import Passwords
from tenants.house.house import House
from tenants.house.house_keys import HouseKeys


class Registration(StrEnum):
    """Who may become a user."""

    OPEN = "open"
    INVITED = "invited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """The house, and what accounts need beside it. ``url`` is where people reach the house: links in letters."""

    house: House
    keys: HouseKeys
    passwords: Passwords
    mailer: Mailer
    url: str
    registration: Registration = Registration.OPEN

    def link(self, page: str, secret: str) -> str:
        """Return an address to click on. The secret stands behind ``#``: browsers tell it to no server and no log."""
        return f"{self.url}/{page}#{secret}"
