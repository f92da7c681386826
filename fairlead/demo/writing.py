"""`write`: the demo workspace on disk."""

from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from fairlead.demo import company, truth
from fairlead.demo.clock import END, FISCAL_YEAR_START, Chance, day_of
from fairlead.demo.exports import hubspot, others, salesforce, stripe
from fairlead.demo.faults import plant
from fairlead.demo.world import simulate

SOURCES = ("salesforce", "hubspot", "stripe", "product", "ads", "finance", "support")
Progress = Callable[[str, int, int], None]


def write(folder: Path, *, scale: float = 1.0, seed: int = 7, progress: Progress | None = None) -> None:
    """Write the demo company's workspace into `folder`: fairlead.yaml, model/, data/ with mappings, and truth/.

    `scale` 1 is about 30 000 people, 3000 accounts and 5000 deals. `progress(step, done, total)` is told of each step.
    """
    say = progress or (lambda _step, _done, _total: None)
    steps = (*SOURCES, "truth")
    say("simulating", 0, len(steps) + 1)
    world, faults = plant(simulate(scale, seed), scale, Chance(seed))
    data = folder / "data"
    writers: dict[str, Callable[[], None]] = {
        "salesforce": lambda: salesforce.write_all(data / "salesforce", world, faults),
        "hubspot": lambda: hubspot.write_all(data / "hubspot", world, faults),
        "stripe": lambda: stripe.write_all(data / "stripe", world),
        "product": lambda: others.write_product(data / "product", world),
        "ads": lambda: others.write_ads(data / "ads", world),
        "finance": lambda: others.write_finance(data / "finance", world),
        "support": lambda: others.write_support(data / "support", world),
        "truth": lambda: truth.write(folder / "truth", world, faults),
    }
    for done, step in enumerate(steps, 1):
        say(step, done, len(steps) + 1)
        writers[step]()
    for source in SOURCES:
        _copy("fairlead.demo.exports", ("mappings", f"{source}.yaml"), data / source / "mapping.yaml")
    (folder / "fairlead.yaml").write_text(_settings())
    _copy_model(folder / "model")
    say("written", len(steps) + 1, len(steps) + 1)


def _settings() -> str:
    today = np.datetime64(int(day_of(np.array([END]))[0]), "D")
    listed = "".join(f"  - {{name: {source}, folder: {source}}}\n" for source in SOURCES)
    return (
        f"# {company.NAME} is invented, and so is everybody in it.\n"
        f"company: {company.NAME}\ncurrency: USD\ntimezone: America/New_York\nfiscal_year_start: {FISCAL_YEAR_START}\n"
        f"# The data ends here; questions are asked as of this day.\ntoday: {today}\n"
        f"data: data\n# In order of priority: the first that knows a field gives it.\nsources:\n{listed}"
    )


def _copy(package: str, path: tuple[str, ...], target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(files(package).joinpath(*path).read_text())


def _copy_model(target: Path) -> None:
    """The starter model as it is, subfolders included."""
    with as_file(files("fairlead.model").joinpath("starter")) as starter:
        for file in sorted(starter.rglob("*.yaml")):
            to = target / file.relative_to(starter)
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_text(file.read_text())
