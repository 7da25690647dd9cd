"""What an audit rule says when it finds something: which rule, what, about whom."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach. `rule` as the file is named, such as "r01_transfers"; `subject` an id or name."""

    rule: str
    text: str
    subject: str = ""
