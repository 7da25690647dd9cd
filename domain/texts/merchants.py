"""Texts: merchants at their own desk, their opening and their closing."""

from domain.texts.text import Text

TEXTS: dict[str, Text] = {
    "merchants.closed": {
        "zh": "本商户已关闭，不再收款。已收的款项照常结算，如有疑问请联系管理方。",
        "en": (
            "This merchant is closed and takes no payments any more. What it has sold is settled "
            "as before; with questions, turn to the office."
        ),
    },
    "merchants.suspended": {
        "zh": "本商户已暂停，暂不收款，请联系管理方。",
        "en": "This merchant is suspended and takes no payments for now; turn to the office.",
    },
    "merchants.closed_already": {
        "zh": "该商户已经关闭。",
        "en": "This merchant is closed already.",
    },
    "merchants.close_here": {
        "zh": "关闭商户请到“商户”页面：那里会先列出影响，并要求写明原因。",
        "en": "Close a merchant on the page Merchants: it shows what follows and asks why.",
    },
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
