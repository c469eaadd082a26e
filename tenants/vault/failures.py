"""What can go wrong with vaults.

ReelhouseError
├── NoScope                 a vault is used without ``scope``
├── VaultClosed             the scope that a task was started in has ended: bind the vault again
├── WrongScope              a scope or a secret is asked for where it can't be
├── VaultMissing            there is no vault: it was never made, or its file is gone
├── VaultQuarantined        the vault is not what was last written, and is kept closed
│   └── VaultDamaged        what was read just now was changed; the vault is quarantined from now on
├── VaultNewer              the vault was written by a newer Reelhouse
├── VaultNotMigrated        the vault can't be brought up to this version, and was left as it was
├── VaultUnavailable        the disk does not do what it should: full, failing, not to be written
│   └── VaultBusy           too much at once: another process has the vault, or all places in the pool are taken
├── NoApiKey                there is no key for a provider that can be used
├── ApiKeyTaken             the label, or the very key, is there already
├── ApiKeyUnusable          the key is revoked, expired, or its budget is spent
└── ApiKeyUnproven          the provider refused the new key: the former stays
"""

from core.api import ReelhouseError


class NoScope(ReelhouseError):
    """A vault is used by a task to which none is bound. A fault in the code, never of the caller."""

    code = "no_vault_scope"

    def __init__(self, message: str = "no vault is bound to this task") -> None:
        super().__init__(message, hint="Use it within `async with scope(tenant)`.")


class VaultClosed(ReelhouseError):
    """The scope that a task was started in has ended; it may bind the vault again for itself."""

    code = "vault_closed"

    def __init__(self, message: str = "the vault's scope has ended") -> None:
        super().__init__(message, hint="A task that outlives its scope enters one of its own.")


class WrongScope(ReelhouseError):
    """A scope or the write of a secret is asked for where it can't be: in another tenant's, or in a transaction."""

    code = "wrong_vault_scope"


class VaultMissing(ReelhouseError):
    """There is no vault: it was never made, or its file is gone."""

    code = "vault_missing"
    status = 503

    def __init__(self, message: str) -> None:
        super().__init__(message, hint="Restore it from a backup.")


class VaultQuarantined(ReelhouseError):
    """The vault is not what was last written, and is kept closed; ``reason`` says what was noticed."""

    code = "vault_quarantined"
    status = 503

    def __init__(self, reason: str) -> None:
        super().__init__(f"the vault is quarantined: {reason}", hint="Restore it from a backup.")
        self.reason = reason


class VaultDamaged(VaultQuarantined):
    """What was read just now was changed; the vault is quarantined from now on."""


class VaultNewer(ReelhouseError):
    """The vault was written by a newer Reelhouse; ``schema`` names its last migration."""

    code = "vault_newer"
    status = 503

    def __init__(self, schema: str) -> None:
        super().__init__(
            f"the vault was written by a newer Reelhouse (its schema: {schema})",
            hint="Start the newer version, or restore a backup that was made before.",
        )
        self.schema = schema


class VaultNotMigrated(ReelhouseError):
    """The vault can't be brought up to this version, and was left as it was, at ``schema``."""

    code = "vault_not_migrated"
    status = 503

    def __init__(self, schema: str, cause: str) -> None:
        super().__init__(
            f"the vault can't be migrated from {schema}: {cause}", hint="Start the version before, and report this."
        )
        self.schema = schema


class VaultUnavailable(ReelhouseError):
    """The disk does not do what it should: it is full, fails, or can't be written."""

    code = "vault_unavailable"
    status = 503


class VaultBusy(VaultUnavailable):
    """Too much at once: another process has the vault, a transaction takes too long, or the pool is full."""

    code = "vault_busy"


class NoApiKey(ReelhouseError):
    """There is no key for a provider."""

    code = "api_key_missing"
    status = 409


class ApiKeyTaken(ReelhouseError):
    """The label, or the very key, is there already."""

    code = "api_key_taken"
    status = 409


class ApiKeyUnusable(ReelhouseError):
    """A key can't be used: ``reason`` is ``revoked``, ``expired``, ``refused``, ``calls`` or ``money``."""

    code = "api_key_unusable"
    status = 409

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class ApiKeyUnproven(ReelhouseError):
    """The provider refused the new key: the former stays in use."""

    code = "api_key_unproven"
    status = 422
