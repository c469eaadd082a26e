"""Storage in a bucket of any service that speaks S3. ``docs/storage.md`` has settings for the common ones."""

from collections.abc import Iterable

from core.api import ConfigInvalid, PluginContext, Storage, StorageBackend, hookimpl
from plugins.storage.s3.settings import PARAMETERS, Settings
from plugins.storage.s3.store import S3Storage


def open_s3(context: PluginContext) -> Storage:
    """Open the store; raise ``ConfigInvalid`` for settings that can't be. The service is not called yet."""
    settings = Settings.read(context.config)
    if not context.is_operators and not settings.access_key:
        raise ConfigInvalid("is needed: the machine's own credentials are its operator's alone", field="access_key")
    return S3Storage(settings)


@hookimpl
def reelhouse_storage_backends() -> Iterable[StorageBackend]:
    yield StorageBackend(
        id="s3",
        title="S3",
        description="Amazon S3, Google Cloud and Firebase Storage, R2, B2, MinIO, and others of that kind.",
        params=PARAMETERS,
        open=open_s3,
    )
