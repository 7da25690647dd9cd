"""How many people's faces are stored, and how near that is to the number that must be filed.

100,000 people is where the duty to file begins; counsel confirms what exactly counts and when
(docs/face-and-the-law.md).
"""

from dataclasses import dataclass
from uuid import UUID

from server.biometrics.models import Template

FILING_AT = 100_000
WARNED_FROM = 90_000
"""In good time: a filing needs an impact assessment that somebody has to write."""


@dataclass(frozen=True, slots=True)
class FaceCount:
    """People with at least one stored face, in one organisation."""

    people: int

    @property
    def is_near(self) -> bool:
        """Whether it is time to prepare the filing."""
        return self.people >= WARNED_FROM

    @property
    def must_file(self) -> bool:
        """Whether the number is reached."""
        return self.people >= FILING_AT


def count_faces(organisation_id: UUID) -> FaceCount:
    """Count the people of an organisation whose face is stored, at whichever site."""
    rows = Template.objects.filter(organisation_id=organisation_id)
    return FaceCount(rows.values("person").distinct().count())
