"""What the library refuses."""

from http import HTTPStatus

from core.api import ReelhouseError


class UploadGone(ReelhouseError):
    """There is no such upload: it never was, it expired, or it was given up."""

    code = "upload_gone"
    status = HTTPStatus.NOT_FOUND


class UploadBusy(ReelhouseError):
    """Somebody else is sending parts of this upload at this moment."""

    code = "upload_busy"
    status = HTTPStatus.LOCKED


class WrongOffset(ReelhouseError):
    """A part does not begin where the upload ends; ``offset`` is where it does, in bytes."""

    code = "wrong_offset"
    status = HTTPStatus.CONFLICT

    def __init__(self, offset: int) -> None:
        super().__init__(f"the upload goes on at byte {offset}")
        self.offset = offset


class TooLarge(ReelhouseError):
    """There is more than was announced, or than may be uploaded."""

    code = "upload_too_large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class ChecksumMismatch(ReelhouseError):
    """A part is not what its checksum says. Nothing of it was kept. The status is that of tus 1.0."""

    code = "checksum_mismatch"
    status = 460

    def __init__(self) -> None:
        super().__init__("the part does not match its checksum; nothing of it was kept")


class StorageFull(ReelhouseError):
    """The disk of this installation is full."""

    code = "storage_full"
    status = HTTPStatus.INSUFFICIENT_STORAGE

    def __init__(self) -> None:
        super().__init__("there is no room left in this installation; what came before is kept")
