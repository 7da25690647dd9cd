"""Texts: closing days, batches, payouts, clearing files and what is written off."""

from domain.texts.text import Text

TEXTS: dict[str, Text] = {
    "settlement.day_open": {
        "zh": "{day} 还没有结束，日切后半小时才能关账。",
        "en": "{day} is not over; it can be closed half an hour after its cut-off.",
    },
    "settlement.out_of_order": {
        "zh": "{day} 之前还有未处理的日期，请按日期先后处理。",
        "en": "A day before {day} is still open or a later one done; take them in order.",
    },
    "settlement.clearing_damaged": {
        "zh": "清算文件第 {line} 行无法读取（{why}），整个文件未入账，请核对格式。",
        "en": "Line {line} of the clearing file cannot be read ({why}); nothing of it was booked.",
    },
    "settlement.clearing_layout": {
        "zh": "没有名为 {layout} 的清算文件格式，请从列表中选择。",
        "en": "There is no clearing layout called {layout}; choose one of the list.",
    },
    "settlement.clearing_taken": {
        "zh": "这个清算文件已作为 {channel} {day} 的文件导入，请核对通道和清算日。",
        "en": "This file was taken as that of {channel} on {day}; check the channel and the day.",
    },
    "settlement.nothing_to_write_off": {
        "zh": "已没有可核销的余额，可能已经收回或核销，请刷新后查看。",
        "en": "Nothing is left to write off; it was recovered or written off meanwhile.",
    },
    "settlement.more_to_write_off": {
        "zh": "现在的余额已超过申请核销的金额，请驳回后按现在的金额重新申请。",
        "en": "More lies there now than was asked for; turn this down and ask for what it is now.",
    },
    "approvals.write_off_debt": {
        "zh": "请审批核销这笔欠款，金额将转为坏账，或由商户承担。",
        "en": "Decide on writing off this debt: it becomes bad debt, or the merchant bears it.",
    },
    "approvals.accept_variance": {
        "zh": "请审批认可这笔销售与标价的差额，各方款项不变。",
        "en": "Decide on accepting what this sale differs from the posted price; no money moves.",
    },
    "approvals.write_off_disputed": {
        "zh": "请审批了结这笔有争议的销售，由协议约定的一方承担。",
        "en": "Decide on ending this disputed sale: whoever the agreement names bears it.",
    },
    "approvals.write_off_suspense": {
        "zh": "请审批核销这笔挂账，短款转为坏账，长款转为收入。",
        "en": "Decide on writing off what lies in suspense: a loss, or income if it was too much.",
    },
    "cases.payout_contradiction": {
        "zh": "银行对这笔付款先后给出不同结果，账未改动，请与银行核对后处理。",
        "en": (
            "The bank contradicts what it said of this payout; nothing was changed, settle it "
            "with the bank."
        ),
    },
    "cases.payout_file_unclear": {
        "zh": "付款文件的银行答复不可信，请检查密钥和文件号并联系银行。",
        "en": (
            "The bank's answer to a payout file cannot be believed; check keys and file number "
            "and call the bank."
        ),
    },
    "cases.payout_unheard": {
        "zh": "银行两天没有这笔付款的结果，请查询银行流水。",
        "en": "The bank has not said for two days what became of this payout; ask the bank.",
    },
    "cases.clearing_merchant": {
        "zh": "清算文件中的商户号没有对应的商户，请登记商户号，再次导入该文件。",
        "en": (
            "A clearing file names a merchant number that nobody has; enter it and take the file "
            "again."
        ),
    },
    "settlement.bank_no_key": {
        "zh": "请粘贴我方私钥（PEM）；保存后不再显示。",
        "en": "Paste our private key (PEM); it is never shown again once it is kept.",
    },
    "settlement.bank_wrong": {
        "zh": "用这些设置打不开银行连接：请核对两把密钥，须是 PEM 格式的 RSA 密钥。",
        "en": "No bank opens with these settings: both keys must be RSA keys in PEM; check them.",
    },
    "settlement.bank_field": {
        "zh": "请填写地址（https://…）、我方编号、银行编号和银行公钥。",
        "en": "Fill in the address (https://…), our name, the bank's name and the bank's key.",
    },
    "settlement.bank_missing": {
        "zh": "还没有填写出款银行，请先保存设置。",
        "en": "No payout bank is entered yet; save its settings first.",
    },
    "settlement.notice_not_authentic": {
        "zh": "这条通知不是所设出款银行签名的，未作处理；请核对银行公钥和双方编号。",
        "en": (
            "This notice is not signed by the payout bank that is entered, and changed nothing; "
            "check the bank's key and both names."
        ),
    },
    "settlement.account_field": {
        "zh": "请填写户名、开户行联行号和 6 至 40 位数字的账号。",
        "en": "Fill in the holder, the bank's code and an account number of 6 to 40 digits.",
    },
    "settlement.no_payee": {
        "zh": "请从列表中选择收款方。",
        "en": "Choose the payee from the list.",
    },
    "settlement.file_missing": {
        "zh": "请选择清算文件、渠道、格式和清算日期。",
        "en": "Choose the clearing file, its channel, its layout and the clearing day.",
    },
    "settlement.number_field": {
        "zh": "请填写渠道、1 至 32 位的商户号并选择商户。",
        "en": "Fill in the channel and the number (1 to 32 characters), and choose a merchant.",
    },
    "settlement.number_taken": {
        "zh": "商户号 {number} 已属于另一家商户。",
        "en": "The merchant number {number} belongs to another merchant already.",
    },
    "settlement.terms_field": {
        "zh": "请填全各项：名称最多 100 字、代码最多 32 位，并选择日期；数字须在提示的范围内。",
        "en": "Fill in all fields: names to 100, codes to 32 characters, a day, numbers as hinted.",
    },
    "settlement.terms_taken": {
        "zh": "同样的代码或生效日期已经存在，请换一个。",
        "en": "There is one with this code or from this day already; choose another.",
    },
    "settlement.split_over": {
        "zh": "同一商户的分账合计超过 100%，请先结束其他分账规则。",
        "en": "The splits of this merchant would exceed 100 %; end another one first.",
    },
}
