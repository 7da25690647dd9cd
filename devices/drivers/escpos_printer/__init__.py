"""A receipt printer that speaks ESC/POS, and the cash drawer on it."""
