"""Face templates sealed for one terminal: AES-256-GCM, bound to the row they belong to.

The associated data names organisation, person, template, its version and the key, so a row whose
ciphertext was swapped with another's does not open (MONEY §6). A nonce is never used twice under
one key; the server draws 12 random bytes per seal.
"""

import hashlib
import hmac
from collections.abc import Callable
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.errors import Refused
from sync.messages import Sealed, TemplateRow

NONCE_LENGTH = 12
KEY_LENGTH = 32


def seal_template(
    data_key: bytes,
    vector: bytes,
    *,
    nonce: bytes,
    organisation_id: UUID,
    template_id: UUID,
    person_id: UUID,
    template_version: int,
    model: str,
    key_id: str,
) -> TemplateRow:
    """Seal `vector` (little-endian float32) for the terminal that holds `data_key`."""
    open_row = TemplateRow(
        template_id=template_id,
        person_id=person_id,
        template_version=template_version,
        model=model,
        key_id=key_id,
        nonce=nonce,
        ciphertext=b"",
    )
    sealed = AESGCM(data_key).encrypt(nonce, vector, bound_to(open_row, organisation_id))
    return TemplateRow(
        template_id=template_id,
        person_id=person_id,
        template_version=template_version,
        model=model,
        key_id=key_id,
        nonce=nonce,
        ciphertext=sealed,
    )


def open_template(data_key: bytes, row: TemplateRow, organisation_id: UUID) -> bytes:
    """Return the vector of `row`.

    `Refused` ("templates.bad_seal") when it was changed, moved to another row, or sealed
    under another key.
    """
    try:
        return AESGCM(data_key).decrypt(row.nonce, row.ciphertext, bound_to(row, organisation_id))
    except (InvalidTag, ValueError) as error:
        raise Refused("templates.bad_seal", template=str(row.template_id)) from error


def opened_or_none(data_key: bytes, row: TemplateRow, organisation_id: UUID) -> bytes | None:
    """Return the vector of `row`, or None where `open_template` refuses."""
    try:
        return open_template(data_key, row, organisation_id)
    except Refused:
        return None


def bound_to(row: TemplateRow, organisation_id: UUID) -> bytes:
    """The associated data of a template: all that must not change beside the vector."""
    return b"\n".join(
        (
            b"fanpiao/1 template",
            organisation_id.bytes.hex().encode(),
            row.person_id.bytes.hex().encode(),
            row.template_id.bytes.hex().encode(),
            str(row.template_version).encode(),
            row.model.encode(),
            row.key_id.encode(),
        )
    )


def seal_bytes(key: bytes, key_id: str, data: bytes, bound: bytes, nonce: bytes) -> Sealed:
    """Seal `data` for whoever holds `key`; it opens only with the same `bound` beside it."""
    return Sealed(key_id=key_id, nonce=nonce, ciphertext=AESGCM(key).encrypt(nonce, data, bound))


def open_bytes(key: bytes, sealed: Sealed, bound: bytes) -> bytes:
    """Return what `seal_bytes` sealed; `Refused("templates.bad_seal")` when it was changed."""
    try:
        return AESGCM(key).decrypt(sealed.nonce, sealed.ciphertext, bound)
    except (InvalidTag, ValueError) as error:
        raise Refused("templates.bad_seal") from error


def desk_bound(kind: str, id: UUID, place: int) -> bytes:
    """What binds a desk's sealed bytes to the consent or enrolment they are sent with."""
    return b"\n".join((b"fanpiao/1 desk", kind.encode(), id.hex.encode(), str(place).encode()))


class StoreSeal:
    """Seals what lies in a counter's own file under a key that lies in its key store.

    Sealed bytes begin with a mark that no JSON begins with, so that rows from before the key are
    still read. Without a key everything is left as it is.
    """

    MARK = b"\x00FPS1"

    def __init__(self, key: bytes, random: Callable[[int], bytes]) -> None:
        self._key = key
        self._cipher = AESGCM(key) if key else None
        self._random = random

    def seal(self, data: bytes | str | None) -> bytes | str | None:
        """Seal bytes or text; what is sealed already, or nothing, stays as it is."""
        if self._cipher is None or data is None:
            return data
        clear = data.encode() if isinstance(data, str) else bytes(data)
        if clear.startswith(self.MARK):
            return clear
        nonce = self._random(NONCE_LENGTH)
        return self.MARK + nonce + self._cipher.encrypt(nonce, clear, self.MARK)

    def unseal(self, data: bytes | str | None) -> bytes | str | None:
        """Open what `seal` sealed; None for what was changed or is another key's."""
        if not isinstance(data, bytes) or not data.startswith(self.MARK):
            return data
        if self._cipher is None:
            return None
        start = len(self.MARK) + NONCE_LENGTH
        try:
            return self._cipher.decrypt(data[len(self.MARK) : start], data[start:], self.MARK)
        except (InvalidTag, ValueError):
            return None

    def blind(self, text: str) -> str:
        """What a row is looked up by in place of `text`: the same each time, and not it."""
        if self._cipher is None or not text:
            return text
        return hmac.new(self._key, b"lookup\n" + text.encode(), hashlib.sha256).hexdigest()

    def name(self) -> str:
        """Which key this is, without telling it."""
        return self.blind("the key of this store")
