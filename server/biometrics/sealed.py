"""Vectors at rest: sealed under the server's own template key, opened only to compare or to send.

The same seal as on a counter's disk (`sync.sealing`), under another key: organisation, person,
template, its version and the key id are bound to the ciphertext.
"""

import numpy
from numpy.typing import NDArray

from domain.ids import RandomBytes
from server.biometrics.models import Attachment, Template
from server.runtime import Secrets
from sync.messages import Sealed, TemplateRow
from sync.sealing import NONCE_LENGTH, open_bytes, open_template, seal_bytes, seal_template

KEY_ID = "server-1"
DIMENSIONS = 128
Vector = NDArray[numpy.float32]
"""One face: 128 float32, as `devices.vision.faces` makes them."""


def seal(template: Template, vector: Vector, secrets: Secrets, random: RandomBytes) -> None:
    """Put `vector` into `template`, whose ids and version are set."""
    row = seal_template(
        secrets.key("templates", template.organisation_id),
        vector.astype("<f4").tobytes(),
        nonce=random(NONCE_LENGTH),
        organisation_id=template.organisation_id,
        template_id=template.id,
        person_id=template.person,
        template_version=template.version,
        model=template.model,
        key_id=KEY_ID,
    )
    template.key_id, template.nonce, template.ciphertext = row.key_id, row.nonce, row.ciphertext


def open_vector(template: Template, secrets: Secrets) -> Vector:
    """Return the vector of `template`; `Refused("templates.bad_seal")` when changed."""
    return numpy.frombuffer(_opened(template, secrets), dtype="<f4").astype(numpy.float32)


def seal_for(
    template: Template, key_id: str, data_key: bytes, secrets: Secrets, random: RandomBytes
) -> TemplateRow:
    """Return the template sealed for one terminal's disk."""
    return seal_template(
        data_key,
        _opened(template, secrets),
        nonce=random(NONCE_LENGTH),
        organisation_id=template.organisation_id,
        template_id=template.id,
        person_id=template.person,
        template_version=template.version,
        model=template.model,
        key_id=key_id,
    )


def seal_attachment(
    attachment: Attachment, data: bytes, secrets: Secrets, random: RandomBytes
) -> None:
    """Put a signature's or photograph's bytes into `attachment`, whose ids are set."""
    key = secrets.key("attachments", attachment.organisation_id)
    sealed = seal_bytes(key, KEY_ID, data, _attached(attachment), random(NONCE_LENGTH))
    attachment.key_id, attachment.nonce = sealed.key_id, sealed.nonce
    attachment.ciphertext = sealed.ciphertext


def open_attachment(attachment: Attachment, secrets: Secrets) -> bytes:
    """Return the bytes of `attachment`; `Refused("templates.bad_seal")` when changed."""
    sealed = Sealed(
        key_id=attachment.key_id,
        nonce=bytes(attachment.nonce),
        ciphertext=bytes(attachment.ciphertext),
    )
    key = secrets.key("attachments", attachment.organisation_id)
    return open_bytes(key, sealed, _attached(attachment))


def _attached(attachment: Attachment) -> bytes:
    ids = (attachment.organisation_id, attachment.consent_id, attachment.id)
    return "\n".join(("fanpiao/1 attachment", attachment.kind, *map(str, ids))).encode()


def _opened(template: Template, secrets: Secrets) -> bytes:
    row = TemplateRow(
        template_id=template.id,
        person_id=template.person,
        template_version=template.version,
        model=template.model,
        key_id=template.key_id,
        nonce=bytes(template.nonce),
        ciphertext=bytes(template.ciphertext),
    )
    key = secrets.key("templates", template.organisation_id)
    return open_template(key, row, template.organisation_id)
