"""Drafts: the same timeline, smaller and quicker."""

from core.timeline.document import Timeline

DRAFT_HEIGHT = 360


def draft_of(timeline: Timeline) -> Timeline:
    """Return the timeline with its output at most 360 pixels high, in its encoder's draft quality, alone.

    Lengths of a timeline are fractions of the frame; what is a source's own pixels shrinks when the plan is compiled.
    """
    output = timeline.output
    share = min(1.0, DRAFT_HEIGHT / output.height)
    smaller = {
        "width": max(2, round(output.width * share / 2) * 2),
        "height": max(2, round(output.height * share / 2) * 2),
        "quality": "draft",
        "renditions": [],
    }
    return timeline.model_copy(update={"output": output.model_copy(update=smaller)})
