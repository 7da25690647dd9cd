"""A card reader that the PC/SC service knows."""
