"""Why a key is not changed."""

from dataclasses import dataclass
from typing import Annotated

from domain.kernel.refusals import Refusal


@dataclass(eq=False)
class PartnerKeyState(Refusal):
    """The status of the partner key does not allow this; an ended key never becomes valid again."""

    key: Annotated[str, "Id of the key."]
    status: Annotated[str, "Status of the key."]
