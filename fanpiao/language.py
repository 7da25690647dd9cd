"""Which of the two languages a person at this command line reads."""

from __future__ import annotations

import os
from collections.abc import Mapping

from domain.messages import Language


def preferred_language(environment: Mapping[str, str] = os.environ) -> Language:
    """Return the language of FANPIAO_LANGUAGE, else of the locale, else English."""
    for name in ("FANPIAO_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = environment.get(name, "")
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"
