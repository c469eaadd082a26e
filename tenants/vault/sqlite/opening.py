"""Opening an encrypted file: key first, then what every connection is held to. Runs in the connection's thread."""

import datetime
from decimal import Decimal
from pathlib import Path

from sqlcipher3 import dbapi2

KEY_BYTES = 32
BUSY_TIMEOUT_MS = 5_000

# As Tortoise's own client teaches the standard library's driver.
dbapi2.register_adapter(Decimal, str)
dbapi2.register_adapter(datetime.date, datetime.date.isoformat)
dbapi2.register_adapter(datetime.datetime, lambda moment: moment.isoformat(" "))

# Without cipher_memory_security: it wipes and locks SQLite's page cache, for 4 ms an opening. SQLCipher wipes its keys
# all the same, the process can't be traced or dumped, and what was read lies in Python's memory anyway.
_PRAGMAS = (
    f"busy_timeout = {BUSY_TIMEOUT_MS}",
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "trusted_schema = OFF",
    "temp_store = MEMORY",  # what is sorted or joined must not be written elsewhere
)
_DENIED = frozenset({dbapi2.SQLITE_ATTACH, dbapi2.SQLITE_DETACH})
_DENIED_FUNCTIONS = frozenset({"load_extension", "sqlcipher_export"})
_DENIED_PRAGMAS = frozenset({"key", "rekey", "hexkey", "hexrekey", "cipher_log", "cipher_log_level", "cipher_profile"})


def open_file(path: Path, key: bytes, *, may_create: bool = False) -> dbapi2.Connection:
    """Open a vault's file with its raw key (32 bytes). Raise ``dbapi2.DatabaseError`` if it is not this key's.

    The key takes no other way than this statement: no setting, no log. Statements after it can't attach files, load
    code, or change key and logging.
    """
    if len(key) != KEY_BYTES:
        raise ValueError(f"a vault's key has {KEY_BYTES} bytes, not {len(key)}")
    mode = "rwc" if may_create else "rw"
    raw = dbapi2.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None)
    try:
        raw.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        raw.execute("PRAGMA cipher_log_level = NONE")  # SQLCipher tells of damage on standard error
        for pragma in _PRAGMAS:
            raw.execute(f"PRAGMA {pragma}")
        raw.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # only now the key is tried
        raw.set_authorizer(_authorize)
        raw.row_factory = dbapi2.Row
    except BaseException:
        raw.close()
        raise
    return raw


def _authorize(action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None) -> int:
    if (
        action in _DENIED
        or (action == dbapi2.SQLITE_FUNCTION and second in _DENIED_FUNCTIONS)
        or (action == dbapi2.SQLITE_PRAGMA and first is not None and first.lower() in _DENIED_PRAGMAS)
    ):
        return int(dbapi2.SQLITE_DENY)
    return int(dbapi2.SQLITE_OK)
