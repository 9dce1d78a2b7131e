"""Who writes: the municipality's name, address and numbers on letters and SMS. Data, one file each."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

STOCKHOLM = Path(__file__).parent / "letters" / "stockholm.json"
E164 = r"^\+[1-9]\d{6,14}$"


class Place(BaseModel):
    """Where to turn after 20."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    help: str


class Sender(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    municipality: str
    place: str = Field(description="As in 'du bor i Stockholm'")
    unit: str
    service: str
    address: str
    phone: str = Field(pattern=E164)
    sms: str = Field(pattern=E164, description="The number that SMS come from and are answered to")
    hours: str
    email: str
    web: str
    after_20: tuple[Place, ...] = Field(min_length=1)


def read_sender(path: Path = STOCKHOLM) -> Sender:
    """Read a sender file. Raises pydantic's ValidationError that names the field."""
    return Sender.model_validate_json(path.read_text())
