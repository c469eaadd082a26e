"""The settings of a store: its parameters, and the boto3 client that they make."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Self, cast
from urllib.parse import urlsplit

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from core.api import ConfigInvalid, InvalidInput, Parameter, ParameterType, Values, check_key

if TYPE_CHECKING:
    from types_boto3_s3.client import S3Client

type Addressing = Literal["auto", "path", "virtual"]

MIB = 1024 * 1024
CALLS = 8
"""How many requests run at once, beside the parts of large files."""
FALLBACK_REGION = "us-east-1"
"""What services of other makers take when no region is given."""


def _text(name: str, title: str, help_: str, *, default: str | None = "", group: str = "") -> Parameter:
    return Parameter(name=name, title=title, type=ParameterType.TEXT, default=default, help=help_, group=group)


def _secret(name: str, title: str, help_: str) -> Parameter:
    return Parameter(name=name, title=title, type=ParameterType.SECRET, default="", help=help_, group="Credentials")


def _whole(name: str, title: str, default: int, least: int, most: int, unit: str, help_: str) -> Parameter:
    return Parameter(
        name=name,
        title=title,
        type=ParameterType.INT,
        default=default,
        minimum=least,
        maximum=most,
        unit=unit,
        help=help_,
        group="Transfer",
    )


PARAMETERS = (
    _text("bucket", "Bucket", "It must exist.", default=None),
    _text("prefix", "Prefix", "Begins the name of every object, so that several stores share a bucket."),
    _text("endpoint_url", "Endpoint", "The service's address, like https://s3.example.com; empty for Amazon."),
    _text("public_endpoint_url", "Public endpoint", "The address that links begin with, where clients need another."),
    _text("region", "Region", "Empty for what the environment says, else us-east-1."),
    Parameter(
        name="addressing",
        title="Addressing",
        type=ParameterType.CHOICE,
        default="auto",
        choices=("auto", "path", "virtual"),
        help="Whether the bucket stands in the path or in the host's name.",
    ),
    _secret(
        "access_key", "Access key", "Empty, with the secret key, for boto3's own search: environment, files, role."
    ),
    _secret("secret_key", "Secret key", "Belongs to the access key."),
    _secret("session_token", "Session token", "For temporary credentials."),
    _whole("multipart_threshold", "Multipart from", 16, 5, 4096, "MiB", "Files from this size on go up in parts."),
    _whole("part_size", "Part size", 8, 5, 512, "MiB", "Grows by itself for files that would need too many."),
    _whole("parallel_parts", "Parts at once", 4, 1, 16, "", "How many parts of a file go up at the same time."),
    _whole("attempts", "Attempts", 4, 1, 10, "", "How often a request is tried before the service counts as away."),
    _whole("connect_timeout", "Connect within", 10, 1, 120, "s", "How long a connection may take."),
    _whole("read_timeout", "Answer within", 60, 1, 600, "s", "How long the service may be silent."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A store's configuration, read and checked. Sizes in bytes, times in seconds."""

    bucket: str
    prefix: str = ""
    endpoint_url: str | None = None
    public_endpoint_url: str | None = None
    region: str | None = None
    addressing: str = "auto"
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    multipart_threshold: int = 16 * MIB
    part_size: int = 8 * MIB
    parallel_parts: int = 4
    attempts: int = 4
    connect_timeout: int = 10
    read_timeout: int = 60

    @classmethod
    def read(cls, config: Values) -> Self:
        """Check a configuration; raise ``ConfigInvalid`` with the field at fault."""
        settings = cls(
            bucket=config.text("bucket").strip(),
            prefix=config.text("prefix").strip("/"),
            endpoint_url=config.text("endpoint_url") or None,
            public_endpoint_url=config.text("public_endpoint_url") or None,
            region=config.text("region") or None,
            addressing=config.text("addressing"),
            access_key=config.text("access_key") or None,
            secret_key=config.text("secret_key") or None,
            session_token=config.text("session_token") or None,
            multipart_threshold=int(config.number("multipart_threshold")) * MIB,
            part_size=int(config.number("part_size")) * MIB,
            parallel_parts=int(config.number("parallel_parts")),
            attempts=int(config.number("attempts")),
            connect_timeout=int(config.number("connect_timeout")),
            read_timeout=int(config.number("read_timeout")),
        )
        settings.check()
        return settings

    def check(self) -> None:
        """Raise ``ConfigInvalid`` for what can't be."""
        if not self.bucket or "/" in self.bucket:
            raise ConfigInvalid(f'"{self.bucket}" is no bucket\'s name', field="bucket")
        if self.prefix:
            try:
                check_key(self.prefix)
            except InvalidInput as err:
                raise ConfigInvalid(str(err), field="prefix") from err
        for name in ("endpoint_url", "public_endpoint_url"):
            _check_url(getattr(self, name), name)
        if bool(self.access_key) != bool(self.secret_key):
            lacking = "secret_key" if self.access_key else "access_key"
            raise ConfigInvalid("an access key and a secret key belong together", field=lacking)

    def client(self, endpoint_url: str | None) -> "S3Client":
        """Return a client for an address (None for Amazon's); it may be used from any thread."""
        try:
            session = Session(
                aws_access_key_id=self.access_key,
                aws_secret_access_key=self.secret_key,
                aws_session_token=self.session_token,
                region_name=self.region,
            )
            return session.client(
                "s3",
                endpoint_url=endpoint_url,
                region_name=session.region_name or FALLBACK_REGION,
                config=self._config(),
            )
        except (BotoCoreError, ValueError) as err:
            raise ConfigInvalid(f"the settings make no S3 client: {err}", field="endpoint_url") from err

    def _config(self) -> Config:
        return Config(
            signature_version="s3v4",
            connect_timeout=self.connect_timeout,
            read_timeout=self.read_timeout,
            retries={"mode": "standard", "total_max_attempts": self.attempts},
            max_pool_connections=CALLS + self.parallel_parts,
            tcp_keepalive=True,
            s3={"addressing_style": cast("Addressing", self.addressing)},
            # Newer botocore adds CRC trailers to every upload, which many services refuse: MD5 and SHA-256 do instead.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )


def _check_url(url: str | None, name: str) -> None:
    if url is None:
        return
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good:
        raise ConfigInvalid(f'"{url}" is no address like https://s3.example.com', field=name)
    if parts.username or parts.password:
        raise ConfigInvalid("an address holds no credentials", field=name)
