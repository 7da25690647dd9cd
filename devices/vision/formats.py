"""Which symbologies are read where; apart, so that naming them loads no decoder."""

from devices.ports import Symbology

PAYMENT_FORMATS = (Symbology.QR, Symbology.CODE128)
GOODS_FORMATS = (Symbology.EAN13, Symbology.EAN8, Symbology.UPCA)
ALL_FORMATS = tuple(symbology for symbology in Symbology if symbology is not Symbology.UNKNOWN)
TWO_DIMENSIONAL = frozenset(
    {Symbology.QR, Symbology.DATA_MATRIX, Symbology.AZTEC, Symbology.PDF417}
)
"""They carry error correction; a 1-D code has at most a check digit and is read twice (P-rules)."""
