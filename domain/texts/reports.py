"""Texts: reports and their exports."""

from domain.texts.text import Text

TEXTS: dict[str, Text] = {
    "reports.unknown_dimension": {
        "zh": "不能按“{name}”分组，请从列表中选择，每项只选一次。",
        "en": "Trade cannot be grouped by “{name}”; choose from the list, each once.",
    },
    "reports.days_in_disorder": {
        "zh": "结束日期早于开始日期，请调换。",
        "en": "The last day is before the first; swap them.",
    },
    "reports.too_many_days": {
        "zh": "一次最多查询 {days} 天，请分段查询。",
        "en": "At most {days} days at a time; ask in parts.",
    },
}
