"""Keys at rest: AES-256-GCM under the server's own secret, bound to the row that holds them."""

from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.errors import Defect
from domain.ids import RandomBytes
from server.runtime import Secrets

NONCE_LENGTH = 12


def seal_key(
    secrets: Secrets, organisation_id: UUID, row_id: UUID, key: bytes, random: RandomBytes
) -> bytes:
    """Return nonce ‖ ciphertext of `key`; only the row with this id opens again."""
    nonce = random(NONCE_LENGTH)
    return nonce + _cipher(secrets, organisation_id).encrypt(nonce, key, _bound(row_id))


def open_key(secrets: Secrets, organisation_id: UUID, row_id: UUID, sealed: bytes) -> bytes:
    """Return the key; a row that does not open was changed, or the secrets are another server's."""
    nonce, ciphertext = bytes(sealed[:NONCE_LENGTH]), bytes(sealed[NONCE_LENGTH:])
    try:
        return _cipher(secrets, organisation_id).decrypt(nonce, ciphertext, _bound(row_id))
    except InvalidTag as error:
        raise Defect(f"key {row_id} does not open under this server's secret") from error


def _cipher(secrets: Secrets, organisation_id: UUID) -> AESGCM:
    return AESGCM(secrets.key("keys at rest", organisation_id))


def _bound(row_id: UUID) -> bytes:
    return b"fanpiao/1 key at rest\n" + row_id.bytes
