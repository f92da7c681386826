"""playbooks.yaml: short, role-based, with a real example; and the templates of plans."""

from pydantic import Field

from fairlead.model.agreed import Agreed, Book, Named, Names, Subject


class Step(Agreed):
    """One step of a playbook."""

    do: str = Field(description="What is done.")
    by: str | None = Field(None, description="The role that does it; the playbook's own when left out.")
    day: int | None = Field(None, description="Days after the start; negative before a date such as a renewal.")


class Playbook(Named):
    """What somebody does in a situation, short enough to be read in it."""

    label: str = Field("", description="Name on pages.")
    roles: Names = Field((), description="Roles it is written for.")
    says: str = Field("", description="The situation, in a sentence.")
    subject: Subject | None = Field(None, description="Whom it is about.")
    when: str | None = Field(None, description="Predicate over the subject's facts that calls for it.")
    steps: tuple[Step, ...] = Field((), description="Steps in order.")
    minutes: int = Field(10, gt=0, description="How long the refresher takes.")
    example: str = Field("", description="A real example.")
    done_when: str = Field("", description="How one knows it is done.")
    metric: str | None = Field(None, description="The metric it should move.")


class Template(Named):
    """The headings of a plan everybody writes alike."""

    label: str = Field("", description="Name on pages.")
    subject: Subject = Field(description="What is planned for.")
    fields: dict[str, str] = Field(default_factory=dict, description="Heading and what belongs under it.")


class Playbooks(Agreed):
    """playbooks.yaml."""

    playbooks: Book[Playbook] = Field(default_factory=dict, description="Playbooks by name.")
    templates: Book[Template] = Field(default_factory=dict, description="Templates of account and opportunity plans.")
