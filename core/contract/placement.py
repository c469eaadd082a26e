"""Placement: how a picture is fitted into its box. Pure; both renderers follow these rules."""


def fit_rectangle(
    fit: str, source_width: float, source_height: float, box_width: float, box_height: float
) -> tuple[float, float, float, float]:
    """Return where a source lies relative to its box's top left: x, y, width, height in output pixels.

    ``cover`` fills the box and reaches beyond it (the caller cuts that off), ``contain`` lies inside it, ``stretch``
    takes its size, ``none`` keeps the source's own pixels. All but ``stretch`` keep the aspect and lie centred.
    """
    if fit == "stretch":
        return 0.0, 0.0, box_width, box_height
    across, down = box_width / source_width, box_height / source_height
    scale = {"cover": max(across, down), "contain": min(across, down), "none": 1.0}[fit]
    width, height = source_width * scale, source_height * scale
    return (box_width - width) / 2, (box_height - height) / 2, width, height
