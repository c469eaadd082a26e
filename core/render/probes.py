"""Probes as they are kept: what a worker found out of a file, written as JSON."""

import json
from dataclasses import fields

from pydantic import TypeAdapter, ValidationError

from core.api import MediaError
from core.timeline.plan import Probe

_PROBE = TypeAdapter(Probe)


def write_probe(probe: Probe) -> bytes:
    """Write a probe as JSON."""
    return json.dumps({field.name: getattr(probe, field.name) for field in fields(probe)}, default=str).encode()


def read_probe(text: bytes) -> Probe:
    """Read what a worker wrote. Raise ``MediaError`` when it is no probe: workers are not trusted."""
    try:
        return _PROBE.validate_json(text)
    except (ValidationError, ZeroDivisionError) as err:
        raise MediaError("a worker described a file in a way that can't be read") from err
