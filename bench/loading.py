"""Loading: what the model's types and places cost on top of parsing its YAML."""

import yaml

from bench.figure import Figure, side_by_side
from fairlead.model.load import STARTER, load
from fairlead.model.text import LOADER


def starter() -> Figure:
    """The starter model, against its YAML parsed and nothing more."""
    texts = [path.read_text() for path in sorted(STARTER.glob("*.yaml"))]
    ours, theirs = side_by_side(
        lambda: load(STARTER), lambda: [yaml.compose(text, Loader=LOADER) for text in texts], times=20
    )
    says = "loading the starter model, against parsing its YAML alone"
    return Figure(says, ours / theirs, "x", 3.0, detail=f"{ours * 1000:.0f} ms against {theirs * 1000:.0f} ms")
