"""The witness: heads of the audit, noted in a file outside the database.

The note says "entry 812 had this digest"; whoever makes a new chain, or cuts one off, in the database, has to reach
this file too. It belongs where the database's user can't write, or is carried away from time to time.
"""

import os
from datetime import datetime
from pathlib import Path

from tenants.control.audit_chain import Head
from tenants.control.failures import WitnessUnreadable


class Witness:
    """The file of notes, one a line: sequence, digest, time. Its methods wait for the disk: call them in a thread."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def note(self, head: Head, *, now: datetime) -> None:
        """Add a head, and see it on the disk."""
        line = f"{head.sequence} {head.digest} {now.isoformat()}\n".encode()
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, line)
            os.fsync(file)
        finally:
            os.close(file)

    def heads(self) -> list[Head]:
        """Return what was noted, for ``audit_check.verify``; raise ``WitnessUnreadable`` where a line is no note.

        What lies behind the last line's end is passed over: someone was killed while writing it.
        """
        try:
            lines = self._path.read_text(encoding="ascii").split("\n")[:-1]
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as err:
            raise WitnessUnreadable(f"{self._path} can't be read: {err}") from err
        return [self._parse(number, line) for number, line in enumerate(lines, start=1)]

    def _parse(self, number: int, line: str) -> Head:
        match line.split(" "):
            case [sequence, digest, _] if sequence.isdecimal() and len(digest) == 64:
                return Head(sequence=int(sequence), digest=digest)
            case _:
                raise WitnessUnreadable(f"{self._path}:{number} is no note of a head")
