"""`write`: the demo workspace on disk."""

import re
from collections.abc import Callable, Mapping
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np

from fairlead.demo import company, truth
from fairlead.demo.clock import END, FISCAL_YEAR_START, Chance, day_of
from fairlead.demo.exports import hubspot, others, salesforce, stripe
from fairlead.demo.faults import plant
from fairlead.demo.laws import NO_DEMO
from fairlead.demo.staff import Staff
from fairlead.demo.words import FIRST_NAMES, LAST_NAMES
from fairlead.demo.world import simulate
from fairlead.problem import Refused, Where
from fairlead.values import Progress, quiet
from fairlead.workspace import SETTINGS

SOURCES = ("salesforce", "hubspot", "stripe", "product", "ads", "finance", "support")


def write(folder: Path, *, scale: float = 1.0, seed: int = 7, progress: Progress = quiet) -> None:
    """Write the demo company's workspace into `folder`: fairlead.yaml, model/, data/ with mappings, and truth/.

    `scale` 1 is about 30 000 people, 3000 accounts and 5000 deals. `progress(step, done, total)` is told of each step.
    Raises Refused rather than write into a folder that holds anything but a demo company.
    """
    _refuse_strangers(folder)
    steps = (*SOURCES, "truth")
    progress("simulating", 0, len(steps) + 1)
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
        progress(step, done, len(steps) + 1)
        writers[step]()
    for source in SOURCES:
        _copy("fairlead.demo.exports", ("mappings", f"{source}.yaml"), data / source / "mapping.yaml")
    _copy_model(folder / "model")
    _name_holders(folder / "model" / "people.yaml", world.staff)
    (folder / SETTINGS).write_text(_settings())  # last: a folder without it is not finished, and is written again
    progress("written", len(steps) + 1, len(steps) + 1)


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


# Which colleague of the simulation wears which hat of the model; the first one hired, where there are several.
WORN_BY: Mapping[str, str] = {
    "cro": "CRO", "cfo": "CFO", "revops_lead": "RevOps Lead", "crm_admin": "System Admin",
    "data_steward": "Data Steward", "revops_analyst": "Data Steward", "vp_marketing": "VP Marketing",
    "demand_gen_manager": "Marketer", "vp_sales": "VP Sales", "sales_manager": "VP Sales",
    "account_executive": "AE SMB", "sdr_manager": "SDR Manager", "vp_customer_success": "VP Customer Success",
    "onboarding_manager": "CSM", "customer_success_manager": "CSM", "billing_lead": "CFO",
    "partner_manager": "VP Marketing",
}  # fmt: skip
# Not in the tools' exports, so not in the simulation either.
WITHOUT_USER = {"ceo": "Imre Castellane", "product_lead": "Tova Brightwater"}


def _name_holders(people: Path, staff: Staff) -> None:
    """Say in people.yaml who holds each role, so that every number has somebody who answers for it."""
    lines = []
    for line in people.read_text().splitlines():
        role = re.match(r"  (\w+): \{label: ", line)
        name = _holder(role[1], staff) if role else None
        lines.append(line.replace("{label:", f"{{holders: [{name}], label:", 1) if name else line)
    people.write_text("\n".join(lines) + "\n")


def _holder(role: str, staff: Staff) -> str | None:
    if role not in WORN_BY:
        return WITHOUT_USER.get(role)
    first = staff.of(WORN_BY[role])[0]
    return f"{FIRST_NAMES[staff.first[first]]} {LAST_NAMES[staff.last[first]]}"


def _refuse_strangers(folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise Refused([NO_DEMO.broken("This is a file, not a folder.", Where(str(folder)))])
    ours = {"data", "model", "truth", SETTINGS, ".fairlead"}
    strangers = sorted(p.name for p in folder.iterdir() if p.name not in ours)
    if strangers or ((folder / SETTINGS).exists() and company.NAME not in (folder / SETTINGS).read_text()):
        what = f"'{strangers[0]}' is there" if strangers else "another company's workspace is there"
        raise Refused([NO_DEMO.broken(f"This folder is not the demo's: {what}.", Where(str(folder)))])
