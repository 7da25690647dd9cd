"""Names as strangers may see them: 张*明, 张*, J*** S***."""

_HAN_FIRST, _HAN_LAST = "\u3400", "\u9fff"


def mask_name(name: str) -> str:
    """Mask a name for screens and strips; two characters or more, never the whole name.

    A Chinese name keeps its first and, from three characters on, its last character. Other names
    keep the first letter of the first and the last word.
    """
    stripped = name.strip()
    if not stripped:
        return "**"
    if _HAN_FIRST <= stripped[0] <= _HAN_LAST:
        return _mask_han(stripped)
    words = stripped.split()
    kept = words if len(words) == 1 else [words[0], words[-1]]
    return " ".join(word[0] + "***" for word in kept)


def _mask_han(name: str) -> str:
    if len(name) <= 2:
        return name[0] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]
