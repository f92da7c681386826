"""people.yaml: roles, who holds them, and who answers for the core processes."""

from pydantic import Field

from fairlead.model.agreed import Agreed, Book, Function, Named, Names, Titled


class Role(Titled):
    """A hat, not a person: everything in the model names roles, and `holders` says who wears them."""

    function: Function = Field(description="The function the role belongs to.")
    reports_to: str | None = Field(None, description="The role above.")
    heads: Function | None = Field(None, description="The function this role is the head of.")
    manages: tuple[Function, ...] = Field((), description="Functions whose people it manages.")
    holders: Names = Field((), description="Names or work emails of those who hold it.")
    says: str = Field("", description="What the role answers for.")
    also: Names = Field((), description="Further jobs given to the same person, such as sales operations.")


class Process(Named):
    """A core process and its RACI; exactly one role is accountable."""

    label: str = Field("", description="Name on pages.")
    says: str = Field("", description="Where the process begins and ends.")
    responsible: Names = Field((), description="Roles that do the work.")
    accountable: Names = Field((), description="The one role that answers for the result.")
    consulted: Names = Field((), description="Roles asked before.")
    informed: Names = Field((), description="Roles told after.")
    replaces: Names = Field((), description="Spreadsheets in which this used to be decided.")


class People(Agreed):
    """people.yaml."""

    roles: Book[Role] = Field(default_factory=dict, description="Roles by name.")
    processes: Book[Process] = Field(default_factory=dict, description="Core processes with their RACI.")
