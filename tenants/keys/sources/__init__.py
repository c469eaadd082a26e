"""Where master keys come from: a file, the environment, a passphrase, AWS KMS, or a source of anyone's."""

from tenants.keys.sources.file import KeyFile
from tenants.keys.sources.finding import open_masters
from tenants.keys.sources.kept import begin_rotation, drop_older
from tenants.keys.sources.passphrase import PassphraseFile
from tenants.keys.sources.request import MasterRequest, MasterSource

__all__ = [
    "KeyFile",
    "MasterRequest",
    "MasterSource",
    "PassphraseFile",
    "begin_rotation",
    "drop_older",
    "open_masters",
]
