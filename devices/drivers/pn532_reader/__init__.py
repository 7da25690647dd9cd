"""A card reader with a PN532 chip on a serial line."""
