"""What is wrong with a timeline: complaints, each with its place."""

from dataclasses import dataclass

from core.api import ReelhouseError

SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One thing that is wrong. ``path`` names the place (``tracks[2].clips[0].fit``), ``code`` the kind of error."""

    path: str
    message: str
    code: str = "invalid"

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class InvalidTimeline(ReelhouseError):
    """A timeline is wrong; ``complaints`` says everything that is wrong with it, in the document's order."""

    code = "invalid_timeline"
    status = 422

    def __init__(self, complaints: tuple[Complaint, ...]) -> None:
        shown = [str(complaint) for complaint in complaints[:SHOWN]]
        if len(complaints) > SHOWN:
            shown.append(f"… and {len(complaints) - SHOWN} more")
        super().__init__("\n".join(shown))
        self.complaints = complaints
