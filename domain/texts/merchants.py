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
    "merchants.application_name": {
        "zh": "请填写商户名称，最多 100 字。",
        "en": "Give the merchant's name, at most 100 signs.",
    },
    "merchants.application_code": {
        "zh": "代码由小写字母、数字和短横线组成，最多 32 位。",
        "en": "The code has small letters, digits and dashes, at most 32.",
    },
    "merchants.application_licence": {
        "zh": "统一社会信用代码为 18 位，旧执照号为 15 位，由数字和大写字母组成，请核对。",
        "en": "A licence number has 18 digits and capital letters, an older one 15; check it.",
    },
    "merchants.application_contact_name": {
        "zh": "请填写联系人姓名。",
        "en": "Give the name of the contact.",
    },
    "merchants.application_contact_phone": {
        "zh": "请填写联系人电话，例如 0571-88880000。",
        "en": "Give the contact's phone, such as 0571-88880000.",
    },
    "merchants.application_site": {
        "zh": "请选择商户所在的校区。",
        "en": "Choose the site where the merchant sells.",
    },
    "merchants.application_store_name": {
        "zh": "请填写第一家门店的名称。",
        "en": "Give the name of the first store.",
    },
    "merchants.application_day_cut_off": {
        "zh": "日切时间的格式为 04:00。",
        "en": "The day's cut-off is a time such as 04:00.",
    },
    "merchants.application_holder": {
        "zh": "请填写收款账户的户名。",
        "en": "Give the holder of the settlement account.",
    },
    "merchants.application_number": {
        "zh": "收款账号为 6 至 40 位数字。",
        "en": "The account number has 6 to 40 digits.",
    },
    "merchants.application_bank": {
        "zh": "开户行号由字母和数字组成，最多 32 位。",
        "en": "The bank's number has letters and digits, at most 32.",
    },
    "merchants.application_rate": {
        "zh": "费率以百分比填写，例如 0.38，最高 10。",
        "en": "The rate is in per cent, such as 0.38, and at most 10.",
    },
    "merchants.application_cycle_days": {
        "zh": "结算周期为 0 至 90 天。",
        "en": "Settled after 0 to 90 days.",
    },
    "merchants.code_taken": {
        "zh": "代码 {taken} 已被使用，请换一个。",
        "en": "The code {taken} is taken; choose another one.",
    },
    "merchants.licence_taken": {
        "zh": "该执照号已属于商户“{name}”。同一企业的新门店请加在原商户下。",
        "en": (
            "This licence number belongs to {name} already; a new store of the same business is "
            "entered under it."
        ),
    },
    "approvals.merchant": {
        "zh": "新商户“{name}”申请入驻（执照号 {licence}），请核对全部资料后审批。",
        "en": "Open the merchant {name}, licence {licence}: read the whole application first.",
    },
}
