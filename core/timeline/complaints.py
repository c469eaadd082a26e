"""What is wrong with a timeline: complaints, each with its place."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from core.api import ReelhouseError, did_you_mean

SHOWN = 20
_LONGEST_SLIP = 80
_MOST_KNOWN = 500


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


def are_related(path: str, other: str) -> bool:
    """Tell whether two places are the same, or one lies inside the other."""
    inner, outer = (path, other) if len(path) > len(other) else (other, path)
    return not outer or (inner.startswith(outer) and inner[len(outer) : len(outer) + 1] in ("", ".", "["))


def join(path: str, key: str) -> str:
    """Return the path of a key of the object at ``path``."""
    return f"{path}.{key}" if path else key


def suggestion(name: object, known: Iterable[str]) -> str:
    """Return ``did_you_mean``, within bounds: long names take long to compare, and are no slips."""
    text = str(name)
    return did_you_mean(text, islice(known, _MOST_KNOWN)) if len(text) <= _LONGEST_SLIP else ""
