"""The short text a technician types: made once, kept only as a keyed hash.

Ten letters and digits of Crockford's base 32 (50 bits, no I, L, O or U): read aloud without
mistakes, and hopeless to guess at any rate a server answers.
"""

import hashlib
import hmac

from domain.ids import RandomBytes
from server.runtime import Secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def draw_code(random: RandomBytes) -> str:
    """Return a new code as "XXXXX-XXXXX"."""
    number = int.from_bytes(random(8), "big")
    letters = "".join(ALPHABET[number >> (5 * place) & 31] for place in range(LENGTH))
    return f"{letters[:5]}-{letters[5:]}"


def hash_code(secrets: Secrets, code: str) -> bytes:
    """Return the 32 bytes kept of a code, however it was typed."""
    plain = code.upper().translate(_MISREAD)
    return hmac.new(secrets.key("activation code"), plain.encode(), hashlib.sha256).digest()
