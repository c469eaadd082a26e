"""What can go wrong with accounts.

ReelhouseError
├── WrongCredentials        address and password, or a code, do not go together
├── TokenRefused            a token is unknown, used, expired or revoked
├── RegistrationClosed      nobody registers here by themselves
└── SecondFactorRefused     a second factor can't be added or removed as it is
"""

from http import HTTPStatus

from core.api import ReelhouseError


class WrongCredentials(ReelhouseError):
    """Address and password, or a code, do not go together. Which of them is wrong is not told."""

    code = "wrong_credentials"
    status = HTTPStatus.UNAUTHORIZED

    def __init__(self, message: str = "the address or the password is wrong") -> None:
        super().__init__(message)


class TokenRefused(ReelhouseError):
    """A token is unknown, used, expired or revoked. Which of these it is is not told."""

    code = "token_refused"
    status = HTTPStatus.UNAUTHORIZED

    def __init__(self, message: str = "this token is unknown, used or expired") -> None:
        super().__init__(message)


class RegistrationClosed(ReelhouseError):
    """Nobody registers here by themselves."""

    code = "registration_closed"
    status = HTTPStatus.FORBIDDEN

    def __init__(self) -> None:
        super().__init__("nobody registers here by themselves", hint="Ask who runs this house to invite you.")


class SecondFactorRefused(ReelhouseError):
    """A second factor can't be added or removed as it is."""

    code = "second_factor_refused"
    status = HTTPStatus.CONFLICT
