"""Texts: reports and their exports."""

from domain.texts.text import Text

TEXTS: dict[str, Text] = {
    "reports.unknown_dimension": {
        "zh": "不能按“{name}”分组，请从列表中选择，每项只选一次。",
        "en": "Trade cannot be grouped by “{name}”; choose from the list, each once.",
    },
    "reports.unknown": {
        "zh": "没有“{name}”这种报表，请从列表中选择。",
        "en": "There is no report “{name}”; choose one from the list.",
    },
    "reports.not_yours": {
        "zh": "这张报表涉及全单位，请由财务或管理员查看。",
        "en": "This report is about the whole organisation; ask finance or an administrator.",
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
