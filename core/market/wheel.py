"""Wheels: what one says of itself, read without running or unpacking it, and the rules that it must keep."""

import base64
import csv
import hashlib
import io
import stat
import zipfile
import zlib
from configparser import ConfigParser
from configparser import Error as ConfigParserError
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from packaging.metadata import InvalidMetadata, Metadata
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from core.host.discovery import GROUP, naming_problem
from core.host.manifest import Manifest, parse_manifest
from core.market.failures import WheelRefused

MOST_BYTES = 256 * 2**20
MOST_UNPACKED_BYTES = 2**30
MOST_FILES = 20_000
_READ_BYTES = 2**20
_UNREADABLE = (
    OSError,
    EOFError,
    KeyError,
    NotImplementedError,
    RuntimeError,  # zipfile's word for what is encrypted
    UnicodeDecodeError,
    csv.Error,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wheel:
    """A wheel that holds one plugin. ``sha256`` in lower-case hex, ``size`` in bytes, ``requires`` by PEP 508."""

    path: Path
    distribution: str
    version: str
    sha256: str
    size: int
    requires: tuple[str, ...]
    manifest: Manifest


def read_wheel(path: Path) -> Wheel:
    """Read and vet a wheel; raise ``WheelRefused`` for what is none, is too large, or breaks a rule.

    Every file must be in its ``RECORD`` with the hash it has there (PEP 376), lie inside, and be a plain file. Path
    files, scripts and data for elsewhere are refused: nothing of a plugin runs because it was installed.
    """
    try:
        distribution, version, _, _ = parse_wheel_filename(path.name)
    except InvalidWheelFilename as err:
        raise WheelRefused(f"{path.name} is no wheel: {err}", path=path.name) from err
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise WheelRefused(f"{path.name} is larger than {MOST_BYTES} bytes", path=path.name)
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        with zipfile.ZipFile(path) as archive:
            _check_names(archive, path.name)
            info = _info_name(archive, distribution, path.name)
            _check_record(archive, info, path.name)
            metadata = _metadata(archive, info, path.name)
            manifest = _manifest(archive, info, distribution, path.name)
    except _UNREADABLE as err:
        raise WheelRefused(f"{path.name} can't be read: {err}", path=path.name) from err
    if canonicalize_name(metadata.name) != distribution or metadata.version != version:
        raise WheelRefused(f"{path.name} holds {metadata.name} {metadata.version}", path=path.name)
    return Wheel(
        path=path,
        distribution=distribution,
        version=str(version),
        sha256=sha256,
        size=size,
        requires=tuple(str(each) for each in metadata.requires_dist or ()),
        manifest=manifest,
    )


def _check_names(archive: zipfile.ZipFile, name: str) -> None:
    entries = archive.infolist()
    if len(entries) > MOST_FILES or sum(each.file_size for each in entries) > MOST_UNPACKED_BYTES:
        raise WheelRefused(f"{name} unpacks to more than {MOST_FILES} files or {MOST_UNPACKED_BYTES} bytes", path=name)
    if len({each.filename.casefold() for each in entries}) != len(entries):
        raise WheelRefused(f"{name} holds a name twice", path=name)
    for entry in entries:
        if problem := _name_problem(entry):
            raise WheelRefused(f"{entry.filename!r} in {name} {problem}", path=entry.filename)


def _name_problem(entry: zipfile.ZipInfo) -> str:
    """Say what is wrong with where an entry lies, or what it is; empty when nothing is."""
    parts = PurePosixPath(entry.filename).parts
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if entry.filename.startswith("/") or ".." in parts or "\\" in entry.filename or ":" in entry.filename:
        return "does not lie inside"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is no plain file"
    if entry.filename.endswith(".pth"):
        return "would run when Python starts"
    if parts and parts[0].endswith(".data") and (len(parts) < 2 or parts[1] not in ("purelib", "platlib")):
        return "is for elsewhere"
    return ""


def _info_name(archive: zipfile.ZipFile, distribution: str, name: str) -> str:
    folders = {entry.split("/")[0] for entry in archive.namelist() if "/" in entry}
    found = [folder for folder in folders if folder.endswith(".dist-info")]
    if len(found) != 1 or canonicalize_name(found[0].partition("-")[0]) != distribution:
        raise WheelRefused(f"{name} must have one .dist-info, its own", path=name)
    return found[0]


def _check_record(archive: zipfile.ZipFile, info: str, name: str) -> None:
    """Hold every file against ``RECORD``; what is not in it may not be there."""
    recorded = {row[0]: row[1] for row in csv.reader(io.StringIO(archive.read(f"{info}/RECORD").decode())) if row}
    unlisted = {f"{info}/RECORD", f"{info}/RECORD.jws", f"{info}/RECORD.p7s"}
    for entry in archive.infolist():
        if entry.is_dir() or entry.filename in unlisted:
            continue
        algorithm, _, expected = recorded.get(entry.filename, "").partition("=")
        if algorithm != "sha256" or _digest(archive, entry) != expected:
            raise WheelRefused(f"{entry.filename} in {name} is not what RECORD says", path=entry.filename)


def _digest(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    digest = hashlib.sha256()
    with archive.open(entry) as file:
        while piece := file.read(_READ_BYTES):
            digest.update(piece)
    return base64.urlsafe_b64encode(digest.digest()).decode().rstrip("=")


def _metadata(archive: zipfile.ZipFile, info: str, name: str) -> Metadata:
    try:
        return Metadata.from_email(archive.read(f"{info}/METADATA"), validate=False)
    except (InvalidMetadata, ExceptionGroup) as err:
        raise WheelRefused(f"{name}: METADATA is wrong: {err}", path=f"{info}/METADATA") from err


def _manifest(archive: zipfile.ZipFile, info: str, distribution: str, name: str) -> Manifest:
    points = _entry_points(archive, info)
    if len(points) != 1:
        raise WheelRefused(f"{name} must have one entry point in {GROUP}, not {len(points)}", path=name)
    [(id_, value)] = points.items()
    package, _, file = value.partition(":")
    place = f"{package.strip().replace('.', '/')}/{file.strip()}"
    try:
        manifest = parse_manifest(archive.read(place).decode())
    except KeyError as err:
        raise WheelRefused(f"{name} has no {place}, which its entry point names", path=place) from err
    if problem := naming_problem(id_, distribution, manifest):
        raise WheelRefused(problem, path=place)
    return manifest


def _entry_points(archive: zipfile.ZipFile, info: str) -> dict[str, str]:
    """Return the entry points of our group, by name. https://packaging.python.org/specifications/entry-points/."""
    listed = ConfigParser(delimiters=("=",), interpolation=None)
    listed.optionxform = str  # type: ignore[assignment,method-assign] # names keep their case
    place = f"{info}/entry_points.txt"
    if place in archive.namelist():
        try:
            listed.read_string(archive.read(place).decode())
        except ConfigParserError as err:
            raise WheelRefused(f"{place} is wrong: {err}", path=place) from err
    return dict(listed[GROUP]) if GROUP in listed else {}
