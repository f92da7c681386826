"""Marks of a status: told apart by shape first and by colour second, so that nobody has to see the colour."""

SHAPES = {
    "met": '<circle cx="6" cy="6" r="5"/>',
    "near": '<path d="M6 1 11.5 11H.5Z"/>',
    "missed": '<rect x="1.5" y="1.5" width="9" height="9" rx="1"/>',
    "no_target": '<rect x="1" y="5" width="10" height="2" rx="1"/>',
    "undefined": '<path class="hollow" d="M2 10 10 2M6 1.8a4.2 4.2 0 1 0 0 8.4 4.2 4.2 0 1 0 0-8.4Z"/>',
    "needs": '<circle class="hollow dashed" cx="6" cy="6" r="4.2"/>',
}
WORDS = {
    "met": "met",
    "near": "near",
    "missed": "missed",
    "no_target": "no target",
    "undefined": "undefined",
    "needs": "needs data",
}


def mark(status: str) -> str:
    """The shape of a status as an SVG that is silent to screen readers: its word stands beside it."""
    return f'<svg class="mark" viewBox="0 0 12 12" aria-hidden="true">{SHAPES[status]}</svg>'
