"""The timeline document's models: what a JSON timeline may hold. Pydantic stands here, at the edge."""

from core.timeline.document.timeline import Timeline

__all__ = ["Timeline"]
