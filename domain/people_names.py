"""Names as other people in the queue may read them."""

MASK = "*"


def mask_name(name: str) -> str:
    """Hide the middle of a name: ``张小明`` → ``张*明``, ``张三`` → ``张*``, ``Anna Li`` → ``A*i``.

    At least two characters are shown always, so that a diner recognises the name at two metres;
    a name of one character is shown with the mask behind it. The mask does not tell the length.
    """
    bare = name.strip()
    if len(bare) <= 2:
        return bare[:1] + MASK
    return bare[0] + MASK + bare[-1]
