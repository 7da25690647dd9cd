"""An enrolment desk at a small school: people, a clerk, the notice, and what the desk sends."""

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import cv2
import numpy

from domain.consent_texts import consent_text
from server.biometrics.models import Notice
from server.config.faces_wiring import desks
from server.fleet.models import Terminal
from server.fleet.register_terminal import register_terminal
from server.merchants.models import Role
from sync.messages import ConsentBlanks, ConsentGiven, FaceEnrolled, Sealed
from sync.sealing import desk_bound, seal_bytes
from tests.factories.server_rows import NOW, SECRETS, Device, Rows


def ink() -> bytes:
    """A small PNG as a signature pad makes it."""
    return cv2.imencode(".png", numpy.full((40, 120), 255, numpy.uint8))[1].tobytes()


@dataclass
class DeskRows:
    """Rows around one desk; `Rows` has the rest."""

    rows: Rows

    def __post_init__(self) -> None:
        rows = self.rows
        Notice.objects.create(
            id=rows.id(), organisation=rows.organisation,
            contact="食堂办公室 内线 8001", servers="示例大学信息中心",
        )  # fmt: skip
        terminal = register_terminal(
            rows.store, "登记台", "enrolment", now=rows.now, random=rows.random
        )
        self.desk: Device = rows.activated(terminal)
        self.clerk = rows.new_operator("90", Role.ENROLMENT_CLERK, "908070")
        self.desks = desks(SECRETS)

    def sealed(self, kind: str, id: UUID, place: int, data: bytes) -> Sealed:
        """Seal as the desk does."""
        answer = self.desk.answer
        return seal_bytes(
            answer.data_key, answer.data_key_id, data, desk_bound(kind, id, place),
            self.rows.random(12),
        )  # fmt: skip

    def consent(self, person_id: UUID, blanks: ConsentBlanks, **said: Any) -> ConsentGiven:
        """What the desk sends after somebody signed."""
        consent_id = self.rows.id()
        language = str(said.get("language", "zh"))
        text = consent_text("en" if language == "en" else "zh", blanks.blanks).text
        return ConsentGiven(
            **{
                "consent_id": consent_id,
                "person_id": person_id,
                "operator_id": self.clerk.id,
                "language": language,
                "text_version": blanks.version,
                "text_digest": hashlib.sha256(text.encode()).hexdigest(),
                "giver_name": "张小明",
                "signature": self.sealed("signature", consent_id, 0, ink()),
                **said,
            }
        )

    def face(
        self, consent_id: UUID, *vectors: numpy.ndarray, model: str = "dlib-resnet-v1", **said
    ) -> FaceEnrolled:
        """What the desk sends after the head turned."""
        enrolment_id = self.rows.id()
        return FaceEnrolled(
            **{
                "enrolment_id": enrolment_id,
                "consent_id": consent_id,
                "operator_id": self.clerk.id,
                "model": model,
                "was_turned": True,
                "vectors": tuple(
                    self.sealed("vector", enrolment_id, place, vector.astype("<f4").tobytes())
                    for place, vector in enumerate(vectors)
                ),
                **said,
            }
        )

    def terminal(self, device: Device) -> Terminal:
        """The terminal as stored now."""
        return Terminal.objects.get(id=device.terminal.id)


def vector(seed: int) -> numpy.ndarray:
    """A unit vector of somebody: strangers in 128 dimensions are some 1.4 apart."""
    made = numpy.random.default_rng(seed).normal(size=128)
    return (made / numpy.linalg.norm(made)).astype(numpy.float32)


__all__ = ["NOW", "DeskRows", "ink", "vector"]
