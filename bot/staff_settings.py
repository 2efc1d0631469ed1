"""``staff`` in config.yaml: who of the office may do what in the chat."""

from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bot.core.staff import Role, Roster, Staff

_CHANNELS = ("telegram", "whatsapp")


class StaffMember(BaseModel):
    """
    Somebody of the office, as the settings name them.

    Attributes:
        telegram: the number by which Telegram knows them; "" where they are not there.
        whatsapp: their number, with the country's and digits alone, or their user id.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    name: Annotated[str, Field(min_length=1, max_length=80)]
    role: Role
    telegram: Annotated[str, Field(pattern=r"^([1-9]\d{0,18})?$")] = ""
    whatsapp: Annotated[str, Field(pattern=r"^([1-9]\d{6,14}|[A-Z]{2}\.[A-Za-z0-9.]{1,131})?$")] = ""

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if not self.addresses:
            raise ValueError("needs telegram or whatsapp")
        return self

    @property
    def addresses(self) -> dict[str, str]:
        """Channel -> their address there."""
        return {channel: address for channel in _CHANNELS if (address := str(getattr(self, channel)))}


def _once_each(staff: tuple[StaffMember, ...]) -> tuple[StaffMember, ...]:
    for channel in _CHANNELS:
        taken = [address for each in staff if (address := each.addresses.get(channel))]
        if twice := {address for address in taken if taken.count(address) > 1}:
            raise ValueError(f"should name everybody once; {channel} {min(twice)} is there twice")
    return staff


StaffSetting = Annotated[tuple[StaffMember, ...], AfterValidator(_once_each)]


def roster_of(members: tuple[StaffMember, ...]) -> Roster:
    """The settings as the program speaks of them."""
    return Roster(tuple(Staff(each.name, each.role, each.addresses) for each in members))
