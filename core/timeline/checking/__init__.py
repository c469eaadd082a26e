"""Checking a timeline's meaning: what its form alone can't tell. Needs the plugins' catalogue, but no media."""

from core.timeline.checking.timelines import check_timeline, complaints_about

__all__ = ["check_timeline", "complaints_about"]
