"""What the service or boto3 complains of, told as the SDK's errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ResponseStreamingError,
    TokenRetrievalError,
)
from urllib3.exceptions import HTTPError

from core.api import AuthFailed, ConfigInvalid, InvalidInput, NotFound, NotReady, PluginError, ReelhouseError

MISSING = frozenset({"NoSuchKey", "NotFound", "404"})
"""Codes for an object that is not there. HEAD has no body: its answers have the status for a code."""
WRONG_REGION = frozenset(
    {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301"}
)
REFUSED = frozenset(
    {
        "401",
        "403",
        "AccessDenied",
        "AccountProblem",
        "AllAccessDisabled",
        "ExpiredToken",
        "Forbidden",
        "InvalidAccessKeyId",
        "InvalidSecurity",
        "InvalidToken",
        "NotSignedUp",
        "SignatureDoesNotMatch",
        "TokenRefreshRequired",
        "Unauthorized",
    }
)
BUSY = frozenset(
    {"BadDigest", "InternalError", "OperationAborted", "RequestTimeout", "ServiceUnavailable", "SlowDown", "Throttling"}
)
TOO_MANY = 429
BROKEN_STREAM = (
    EndpointConnectionError,
    HTTPClientError,
    HTTPError,
    IncompleteReadError,
    ResponseStreamingError,
    ConnectionError,
    TimeoutError,
)
"""What is raised when there is no connection, or when it breaks while the body of an answer comes."""


@contextmanager
def translated(bucket: str, key: str = "") -> Iterator[None]:
    """Raise the SDK's errors for what happens inside."""
    try:
        yield
    except ClientError as err:
        raise from_answer(err, bucket, key) from err
    except (NoCredentialsError, PartialCredentialsError, CredentialRetrievalError, TokenRetrievalError) as err:
        raise AuthFailed(
            f"there are no credentials for the bucket: {err}", hint="give access_key and secret_key"
        ) from err
    except ParamValidationError as err:
        raise ConfigInvalid(f'"{bucket}" can\'t be a bucket: {err}', field="bucket") from err
    except BROKEN_STREAM as err:
        raise NotReady(f"the S3 service can't be reached: {err}") from err
    except BotoCoreError as err:
        raise PluginError(f"the S3 client failed: {err}") from err
    except OSError as err:
        raise NotReady(f"a local file can't be read or written: {err.strerror or err}") from err


def from_answer(err: ClientError, bucket: str, key: str) -> ReelhouseError:
    """Return the error for an answer that is a refusal."""
    code = str(err.response.get("Error", {}).get("Code", ""))
    status = err.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    said = str(err.response.get("Error", {}).get("Message", "")) or code
    if code == "NoSuchBucket":
        return ConfigInvalid(f'there is no bucket "{bucket}"', field="bucket", hint="make it, or name another")
    if code in MISSING:
        return NotFound(f'nothing is stored under "{key}"')
    if code in WRONG_REGION:
        return ConfigInvalid(f'the bucket "{bucket}" lies in another region: {said}', field="region")
    if code == "RequestTimeTooSkewed":
        return AuthFailed(f"the S3 service refuses: {said}", hint="set this machine's clock")
    if code in REFUSED or status in (401, 403):
        return AuthFailed(f'the S3 service refuses the key for the bucket "{bucket}": {said}')
    if code in BUSY or status == TOO_MANY or status >= 500:
        return NotReady(f"the S3 service can't answer now: {said}")
    if status == 400:
        return InvalidInput(f'the S3 service does not take "{key}": {said}', path="key")
    return PluginError(f"the S3 service answered {status} {code}: {said}")


def is_missing(err: ClientError) -> bool:
    """Tell whether an answer says that the object is not there (or its bucket: HEAD does not tell)."""
    return str(err.response.get("Error", {}).get("Code", "")) in MISSING


def is_past_the_end(err: ClientError) -> bool:
    """Tell whether a range began after the last byte."""
    answer = err.response
    code = answer.get("Error", {}).get("Code", "")
    return code == "InvalidRange" or answer.get("ResponseMetadata", {}).get("HTTPStatusCode") == 416
