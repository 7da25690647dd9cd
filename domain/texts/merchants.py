"""Texts: merchants at their own desk, their opening and their closing."""

from domain.texts.text import Text

TEXTS: dict[str, Text] = {
    "merchants.too_many_rows": {
        "zh": "超过 {rows} 行，请缩短日期范围或选择一家门店。",
        "en": "That is more than {rows} rows; choose fewer days or one store.",
    },
    "merchants.list_cell": {
        "zh": "清单第 {row} 行读不懂：“{value}”。每行需要小票号和以元为单位的金额，例如 12.00。",
        "en": (
            "Row {row} of the list cannot be read: “{value}”. Each row needs a number and an "
            "amount in yuan, such as 12.00."
        ),
    },
    "merchants.compare_missing_ours": {
        "zh": "清单中有，平台没有这笔销售。",
        "en": "Your list has it, we do not.",
    },
    "merchants.compare_missing_theirs": {
        "zh": "平台有，清单中没有这笔销售。",
        "en": "We have it, your list does not.",
    },
    "merchants.compare_amount_over": {
        "zh": "平台金额大于清单金额。",
        "en": "Our amount is more than yours.",
    },
    "merchants.compare_amount_short": {
        "zh": "平台金额小于清单金额。",
        "en": "Our amount is less than yours.",
    },
    "merchants.compare_duplicate": {
        "zh": "清单中重复列出了这笔销售。",
        "en": "Your list has this sale more than once.",
    },
    "merchants.compare_status": {
        "zh": "两边的状态不同。",
        "en": "The two sides differ in status.",
    },
    "merchants.compare_fee": {
        "zh": "两边的手续费不同。",
        "en": "The two sides differ in the fee.",
    },
    "merchants.compare_currency": {
        "zh": "两边的币种不同。",
        "en": "The two sides differ in currency.",
    },
}
