"""Errors: what the driver raises, told as Tortoise's errors or as ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlcipher3 import dbapi2
from tortoise.exceptions import IntegrityError, OperationalError

from tenants.vault.failures import VaultBusy, VaultDamaged, VaultUnavailable

PRIMARY = 0xFF  # the lower byte of an extended code (https://www.sqlite.org/rescode.html)
DAMAGE = frozenset({dbapi2.SQLITE_CORRUPT, dbapi2.SQLITE_NOTADB})
BUSY = frozenset({dbapi2.SQLITE_BUSY, dbapi2.SQLITE_LOCKED})
UNAVAILABLE = frozenset(
    {dbapi2.SQLITE_FULL, dbapi2.SQLITE_IOERR, dbapi2.SQLITE_CANTOPEN, dbapi2.SQLITE_PERM, dbapi2.SQLITE_READONLY}
)


def primary_code(err: dbapi2.Error) -> int:
    """Return SQLite's primary result code, 0 for an error of the driver's own."""
    return getattr(err, "sqlite_errorcode", 0) & PRIMARY


@contextmanager
def translated() -> Iterator[None]:
    """Raise ours or Tortoise's error for what the driver or the system raises.

    The driver's words name tables and columns, never values.
    """
    try:
        yield
    except dbapi2.IntegrityError as err:
        raise IntegrityError(err) from err
    except dbapi2.DatabaseError as err:
        code = primary_code(err)
        if code in DAMAGE:
            raise VaultDamaged(f"a page of its file was changed ({err})") from err
        if code in BUSY:
            raise VaultBusy("another process uses the vault") from err
        if code in UNAVAILABLE:
            raise VaultUnavailable(f"the vault's file can't be used: {err}") from err
        raise OperationalError(err) from err
    except OSError as err:
        raise VaultUnavailable(f"the vault's files can't be used: {err.strerror}") from err
