"""What is wrong with a timeline: complaints, each with its place."""

from collections.abc import Iterable, Iterator
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


class Places:
    """Places of a document, to ask whether another lies at, inside or around one of them."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._paths = frozenset(paths)
        self._around = frozenset(outer for path in self._paths for outer in _outwards(path))

    def relate_to(self, path: str) -> bool:
        """Tell whether one of the places is this one, lies inside it or holds it."""
        return path in self._around or any(outer in self._paths for outer in _outwards(path))


def _outwards(path: str) -> Iterator[str]:
    """Yield a place and all that hold it, the whole document last."""
    yield path
    for end in range(len(path) - 1, 0, -1):
        if path[end] in ".[":
            yield path[:end]
    if path:
        yield ""


def join(path: str, key: str) -> str:
    """Return the path of a key of the object at ``path``."""
    return f"{path}.{key}" if path else key


def suggestion(name: object, known: Iterable[str]) -> str:
    """Return ``did_you_mean``, within bounds: long names take long to compare, and are no slips."""
    text = str(name)
    return did_you_mean(text, islice(known, _MOST_KNOWN)) if len(text) <= _LONGEST_SLIP else ""
