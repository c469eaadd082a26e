"""An open vault: its file, its thread, its keys, and what is known of its state. The pool makes and closes it."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from uuid import UUID

from sqlcipher3 import dbapi2

from tenants.keys import TenantKeys
from tenants.vault.anchors import Anchor, move_anchor, read_anchor
from tenants.vault.checking import Checked, open_checked, read_anchored
from tenants.vault.digests import mark_of
from tenants.vault.failures import VaultClosed, VaultDamaged
from tenants.vault.files import VaultFiles
from tenants.vault.rekeying import copy_under
from tenants.vault.sqlite.access import Raw
from tenants.vault.sqlite.errands import ErrandThread
from tenants.vault.sqlite.errors import primary_code, translated


class OpenVault:
    """A tenant's vault, kept from other processes while it is open.

    ``anchor`` is what the control plane holds of it, ``damage`` what was noticed when a page that was changed was read:
    from then on nothing can be read.
    """

    def __init__(self, files: VaultFiles, *, keys: TenantKeys) -> None:
        self.files = files
        self.keys = keys
        self.lock = asyncio.Lock()
        self.secrets_lock = asyncio.Lock()
        self.anchor: Anchor
        self.damage: str | None = None
        self._thread: ErrandThread
        self._lease = ExitStack()
        self._checked: Checked | None = None
        self._is_written = False

    @property
    def tenant(self) -> UUID:
        return self.keys.tenant

    @property
    def state(self) -> Checked:
        """What was found when it was opened."""
        if self._checked is None:
            raise VaultClosed("the vault is closed")
        return self._checked

    async def open(self, *, instance: UUID) -> None:
        """Open and check the file; raise what ``read_anchor`` and ``open_checked`` raise, and ``VaultBusy``.

        The anchor is read when other processes are kept out: one that closes the vault moves it.
        """

        def keep_out() -> None:
            with translated():
                self._lease.enter_context(self.files.leased())

        def opened() -> None:
            with translated():
                self._checked = open_checked(self.files, self.keys, self.anchor, instance=instance)
                self._is_written = self._checked.is_written

        self._thread = ErrandThread()
        try:
            await self._thread.run_surely(keep_out)
            self.anchor = await read_anchor(self.tenant)
            await self._thread.run_surely(opened)
        except BaseException:
            await self.abandon()
            raise

    async def run[Result](self, errand: Callable[[Raw], Result], *, surely: bool = False) -> Result:
        """Do something to the file, in its thread. Raise what ``translated`` raises, ``VaultClosed``.

        The first write puts the mark ``written`` there before it reaches the file.
        """
        if self.damage is not None:
            raise VaultDamaged(self.damage)
        raw = self.state.raw

        def done() -> Result:
            with translated():
                try:
                    return errand(raw)
                except dbapi2.OperationalError as err:
                    if self._is_written or primary_code(err) != dbapi2.SQLITE_READONLY:
                        raise
                self.files.write_mark(mark_of(self.keys, self.anchor.file))
                raw.execute("PRAGMA query_only = OFF")
                self._is_written = True
                return errand(raw)

        try:
            return await (self._thread.run_surely(done) if surely else self._thread.run(done))
        except VaultDamaged as err:
            self.damage = err.reason
            raise

    async def settle(self) -> None:
        """Record the secrets' state, if the control plane does not have it yet. Only then their write is done."""
        anchor = replace(self.anchor, **await self.run(read_anchored))
        if anchor != self.anchor:
            await self._record(anchor)

    async def close(self) -> None:
        """Close the file. If it was written to, its new state is recorded before anyone else may open it.

        Raise ``VaultUnavailable`` where the disk fails, and what the control plane raises: the next opening examines
        the file then.
        """
        try:
            if self._is_written and self.damage is None:
                state = await self.run(read_anchored, surely=True)
                await self._record(
                    replace(self.anchor, file=await self._thread.run_surely(self._settled_digest), **state)
                )
                await self._thread.run_surely(lambda: self.files.written.unlink(missing_ok=True))
        finally:
            await self.abandon()

    async def put_back(self) -> None:
        """Close the file and put the copy of before the migration in its place."""

        def back() -> None:
            with translated():
                self._close_file()
                self.files.put_back()

        await self._thread.run_surely(back)

    async def copy_under(self, keys: TenantKeys) -> None:
        """Copy everything under other keys of the tenant, beside. Raise what ``rekeying.copy_under`` does."""

        def copied(raw: Raw) -> None:
            self.files.drop_rekeyed()
            try:
                copy_under(raw, self.files.rekeyed, former=self.keys, keys=keys)
            except BaseException:
                self.files.drop_rekeyed()
                raise

        await self.run(copied, surely=True)

    async def give_way(self, keys: TenantKeys) -> None:
        """Close the file, which was not written to, and put the copy under other keys in its place."""

        def swapped() -> None:
            with translated():
                self._close_file()
                self.files.take_rekeyed(mark_of(keys, self.anchor.file))

        await self._thread.run_surely(swapped)

    async def abandon(self) -> None:
        """Close the file as it is; if it was written to, the next opening examines it."""

        def end() -> None:
            with self._lease:
                self._close_file()

        try:
            await self._thread.run_surely(end)
        finally:
            self._thread.end()

    async def _record(self, anchor: Anchor) -> None:
        await move_anchor(self.tenant, self.anchor, anchor)
        self.anchor = anchor

    def _close_file(self) -> None:
        if self._checked is not None:
            checked, self._checked = self._checked, None
            with translated():
                checked.raw.close()

    def _settled_digest(self) -> str:
        self._close_file()
        with translated():
            self.files.sync()  # SQLite's log must stay removed, even if power fails
            return self.files.digest()
