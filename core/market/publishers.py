"""Publishers: whose word on a wheel or a catalogue counts, and their signatures (Ed25519, RFC 8032).

A signature lies beside what it is of, as ``NAME.sig``: JSON with the publisher's name and the signature, in base64,
over a word that says what is signed, the file's name and its SHA-256.
"""

import base64
import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from core.api import InvalidInput
from core.market.failures import Untrusted

FILENAME = "publishers.toml"
SUFFIX = ".sig"
_KEY_BYTES = 32
_MOST_SIGNATURE_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishers:
    """The publishers that are trusted, by name, each with its public key."""

    keys: Mapping[str, Ed25519PublicKey]

    def verify(self, path: Path) -> str:
        """Return who vouches for a file; raise ``Untrusted`` when nobody does who is known here."""
        try:
            with path.with_name(path.name + SUFFIX).open("rb") as file:
                said: dict[str, Any] = json.loads(file.read(_MOST_SIGNATURE_BYTES))
            name, signature = str(said["publisher"]), base64.b64decode(said["signature"], validate=True)
        except FileNotFoundError:
            raise Untrusted(f"{path.name} is not signed") from None
        except (OSError, ValueError, TypeError, KeyError) as err:
            raise Untrusted(f"the signature of {path.name} can't be read") from err
        key = self.keys.get(name)
        if key is None:
            raise Untrusted(
                f"{path.name} is signed by {name!r}, whom nobody here trusts", hint="reelhouse plugin trust NAME KEY"
            )
        try:
            key.verify(signature, _message(path))
        except InvalidSignature:
            raise Untrusted(f"{path.name} is not what {name} has signed: it was changed, or is another file") from None
        return name


def read_publishers(folder: Path) -> Publishers:
    """Read the publishers that are trusted; none where there is no list. Raise ``InvalidInput``."""
    path = folder / FILENAME
    try:
        named = tomllib.loads(path.read_text(encoding="utf-8")).get("publishers", {})
    except FileNotFoundError:
        named = {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as err:
        raise InvalidInput(f"can't be read: {err}", path=str(path)) from err
    return Publishers(keys={str(name): public_key(text) for name, text in named.items()})


def trust(folder: Path, name: str, key: str) -> None:
    """Trust a publisher from now on, by this key alone. Raise ``InvalidInput``."""
    if not name.isprintable() or not 0 < len(name) <= 100:
        raise InvalidInput("must be a name of 1 to 100 printable characters", path="name")
    public_key(key)
    known = {each: told(public) for each, public in read_publishers(folder).keys.items()}
    lines = [f"{json.dumps(each)} = {json.dumps(text)}" for each, text in sorted((known | {name: key}).items())]
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / f"{FILENAME}.new"
    beside.write_text("# Whose plugins may be installed here.\n[publishers]\n" + "\n".join(lines) + "\n")
    beside.replace(folder / FILENAME)


def make_key(path: Path) -> str:
    """Make a publisher's key in a new file, for its owner alone; return the public part, to be told to everybody."""
    key = Ed25519PrivateKey.generate()
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(base64.b64encode(key.private_bytes_raw()).decode() + "\n")
    return told(key.public_key())


def sign(path: Path, publisher: str, key_path: Path) -> Path:
    """Sign a file; return where the signature lies, beside it."""
    key = Ed25519PrivateKey.from_private_bytes(_key_bytes(key_path.read_text(), "key"))
    signature = base64.b64encode(key.sign(_message(path))).decode()
    beside = path.with_name(path.name + SUFFIX)
    beside.write_text(json.dumps({"publisher": publisher, "signature": signature}) + "\n")
    return beside


def public_key(text: str) -> Ed25519PublicKey:
    """Return a public key that is written in base64; raise ``InvalidInput``."""
    return Ed25519PublicKey.from_public_bytes(_key_bytes(text, "key"))


def told(key: Ed25519PublicKey) -> str:
    """Return a public key in base64."""
    return base64.b64encode(key.public_bytes_raw()).decode()


def _key_bytes(text: str, path: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except ValueError as err:
        raise InvalidInput("is not base64", path=path) from err
    if len(key) != _KEY_BYTES:
        raise InvalidInput(f"must be {_KEY_BYTES} bytes in base64", path=path)
    return key


def _message(path: Path) -> bytes:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return f"reelhouse signature 1\n{path.name}\n{digest}\n".encode()
