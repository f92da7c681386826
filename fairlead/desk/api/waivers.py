"""/api/waivers: leave to pass a gate without something, given and taken back."""

from datetime import date, datetime

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field

from fairlead.actions.waiving import Waived
from fairlead.actions.waiving import waive as give
from fairlead.actions.waiving import withdraw as take_back
from fairlead.desk.api.operations import changes
from fairlead.desk.api.shapes import Shown
from fairlead.desk.people.models import User
from fairlead.desk.workplace import workspace

router = Router(tags=["gates"])


class WaivedShown(Shown):
    """A waiver as it stands: it counts at once for the record, and in reports from the next build on."""

    id: str
    subject: str
    subject_id: str
    name: str
    stage: str
    what: str
    reason: str
    by: str
    at: datetime
    until: date | None
    withdrawn_at: datetime | None
    withdrawn_by: str


class NewWaiver(Schema):
    """Leave to pass a gate, given in the name of whoever asks. The same twice is one."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "subject": "opportunity",
                "subject_id": "salesforce:006Hc0000000000IAR",
                "stage": "discovery",
                "what": "source",
                "reason": "It came with an acquisition.",
                "until": "2027-03-31",
            }
        },
    )

    subject: str = Field(min_length=1, max_length=40, description="person, opportunity or account.")
    subject_id: str = Field(min_length=1, max_length=400, description="Its id, or its key in its source.")
    stage: str = Field(min_length=1, max_length=200, description="The stage whose gate is waived, as it is called.")
    what: str | None = Field(None, max_length=200, description="The column that may lack, or exit; null: everything.")
    reason: str = Field(min_length=1, max_length=2000, description="Why it is right to go on without.")
    until: str = Field(min_length=1, max_length=40, description="The last day on which it holds: 2027-03-31.")


class Withdrawal(Schema):
    """The waiver that is taken back, in the name of whoever asks. Twice is once."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"waiver": "desk:0123456789abcdef"}})

    waiver: str = Field(min_length=1, max_length=400, description="Its id, as /api/gate tells it.")


@changes(router, "/waivers", WaivedShown, may=(400, 409), summary="Waive a gate")
def waive(request: HttpRequest, new: NewWaiver) -> Status[WaivedShown]:
    """Let a record pass a gate without something; 403 for whoever may not, and the hint says who may."""
    name, email = _person(request)
    made = give(
        workspace(),
        new.subject,
        new.subject_id,
        stage=new.stage,
        what=new.what,
        reason=new.reason,
        until=new.until,
        by=name,
        email=email,
        now=timezone.now(),
    )
    return _made(made)


@changes(router, "/waivers/withdrawn", WaivedShown, may=(400, 409), summary="Take a waiver back")
def withdraw(request: HttpRequest, new: Withdrawal) -> Status[WaivedShown]:
    """Take a waiver back from now on; what passed by it has passed."""
    name, email = _person(request)
    return _made(take_back(workspace(), new.waiver, by=name, email=email, now=timezone.now()))


def _made(found: Waived) -> Status[WaivedShown]:
    return Status(201, WaivedShown.model_validate(found))


def _person(request: HttpRequest) -> tuple[str, str]:
    user = request.user
    return (user.get_full_name(), user.email) if isinstance(user, User) else ("", "")
