"""What follows from the numbers: every miss with its plan, one's own first."""

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from fairlead.actions.followup import follow_up
from fairlead.actions.treeing import tree
from fairlead.workspace import Workspace
from tests.desk.reader import read, text

if TYPE_CHECKING:
    from django.test import Client

    from fairlead.desk.people.models import User

pytestmark = pytest.mark.usefixtures("company_desk")


def test_every_metric_that_misses_is_there_with_plan_and_owner(
    client: "Client", bob: "User", company: Workspace
) -> None:
    client.force_login(bob)
    said = text(read(client, "/follow-up/"))
    model = company.model
    missed = tree(company).breached
    assert missed
    for name in missed:
        metric = model.metrics.metrics[name]
        assert metric.title in said
        assert metric.plan in said
        assert model.people.roles[metric.owner or ""].holders[0] in said
    assert f"{len(missed)} of" in said
    assert "Yours" not in said


def test_ones_own_come_first(client: "Client", bob: "User", company: Workspace) -> None:
    """Bob is nobody in the demo company; under the name of the CFO he sees the CFO's numbers first."""
    cfo = company.model.people.roles["cfo"]
    bob.name = cfo.holders[0]
    bob.save()
    client.force_login(bob)
    html = read(client, "/follow-up/")
    yours, others = html.split('id="others"')
    steps = follow_up(company).steps
    own = [s.node.name for s in steps if company.model.metrics.metrics[s.node.name].owner == "cfo"]
    assert own
    for step in steps:
        shown = f'class="panel step" id="{step.node.name}"'
        assert (shown in yours) is (step.node.name in own)
        assert (shown in others) is (step.node.name not in own)


def test_a_role_without_a_miss_is_told_so(client: "Client", bob: "User", company: Workspace) -> None:
    steps = follow_up(company).steps
    owners = {company.model.metrics.metrics[step.node.name].owner for step in steps}
    holders = {h for name in owners for h in company.model.people.roles[name or ""].holders}
    free = next(r for r in company.model.people.roles.values() if r.holders and not set(r.holders) & holders)
    bob.name = free.holders[0]
    bob.save()
    client.force_login(bob)
    assert "Nothing of yours misses its target." in text(read(client, "/follow-up/"))


@pytest.mark.parametrize("term", ["inquiry", "win_rate", "opportunity / deal"])
def test_a_dispute_leads_to_its_word_in_the_dictionary(company: Workspace, term: str) -> None:
    """Also where the word is no metric, such as a stage, and where it has a slash in it."""
    from fairlead.desk.pages.followup import worded_page
    from fairlead.model.decisions import Dispute

    disputed = follow_up(company)._replace(disputes=(Dispute(term=term, says="It counts too much."),))
    (quarrel,) = worded_page(disputed, as_of="").quarrels
    assert quarrel.url == f"/dictionary/{quote(term)}/"


def test_the_page_of_a_disputed_stage_is_there(client: "Client", bob: "User", company: Workspace) -> None:
    stage = company.model.stages[0].name
    client.force_login(bob)
    assert client.get(f"/dictionary/{stage}/").status_code == 200
