"""Texts: two statements that are held against each other, and what is wrong with a file."""

from domain.texts.text import Text

TEXTS: dict[str, Text] = {
    "cases.bill_overdue": {
        "zh": "该渠道这一天的对账单一周仍未取得：请从渠道网站下载并上传；对账完成后自动结案。",
        "en": (
            "This channel's bill of one day has not come for a week: download it from the "
            "channel's website and upload it; the case ends by itself once the day is matched."
        ),
    },
    "reconcile.empty": {
        "zh": "{file} 是空的：第一行应是表头（id, amount, fee, currency, status, occurred_at）。",
        "en": (
            "{file} is empty: its first line must name the columns"
            " (id, amount, fee, currency, status, occurred_at)."
        ),
    },
    "reconcile.damaged": {
        "zh": "{file} 读不了：文件已损坏或不是 CSV、Parquet，请重新导出。",
        "en": "{file} cannot be read: it is damaged, or neither CSV nor Parquet; export it again.",
    },
    "reconcile.spreadsheet": {
        "zh": "{file} 是电子表格或压缩包，请另存为 CSV（UTF-8）再试。",
        "en": "{file} is a spreadsheet or an archive; save it as CSV (UTF-8) first.",
    },
    "reconcile.encoding": {
        "zh": "看不懂 {file} 的编码，请另存为 UTF-8 的 CSV。",
        "en": "The encoding of {file} is unknown; save it as CSV in UTF-8.",
    },
    "reconcile.no_column": {
        "zh": "{file} 没有“{column}”这一列（有：{found}）；列名不同时请用 --mapping 说明。",
        "en": (
            "{file} has no column '{column}' (it has: {found});"
            " if it is called otherwise, say so with --mapping."
        ),
    },
    "reconcile.column_twice": {
        "zh": "{file} 里“{column}”出现了不止一次，请只留一列，或用 --mapping 指定另一列。",
        "en": "{file} has the column '{column}' more than once; keep one, or map another.",
    },
    "reconcile.column_type": {
        "zh": "{file} 的“{column}”列是 {type} 类型，放不下这一列的内容，请导出为文本或整数。",
        "en": (
            "The column '{column}' of {file} is of type {type}, which cannot hold it exactly;"
            " export it as text or whole numbers."
        ),
    },
    "reconcile.cell": {
        "zh": (
            "{file} 第 {row} 行“{column}”是“{given}”：应为最小单位的整数"
            "（12.50 元写作 1250），请改正后再试。"
        ),
        "en": (
            "{file}, row {row}, column '{column}' says '{given}': it must be a whole number of"
            " minor units (12.50 is 1250); correct it and run this again."
        ),
    },
    "reconcile.cell_blank": {
        "zh": "{file} 第 {row} 行“{column}”是空的，请补上再试。",
        "en": "{file}, row {row}, column '{column}' is blank; fill it in and run this again.",
    },
    "reconcile.row": {
        "zh": "{file} 第 {row} 行的列数与表头不同，请检查这一行的分隔符和引号。",
        "en": (
            "{file}, line {row} has not as many columns as the heading;"
            " look at its delimiters and quotes."
        ),
    },
    "reconcile.row_quotes": {
        "zh": "{file} 第 {row} 行的引号没有配对，请检查这一行。",
        "en": "{file}, line {row} has a quote that does not end; look at that line.",
    },
    "reconcile.mapping": {
        "zh": '映射文件 {file} 读不了（{why}）：请用 TOML 或 JSON，例如 id = "order_no"。',
        "en": 'The mapping {file} cannot be read ({why}); write TOML or JSON: id = "order_no".',
    },
    "reconcile.mapping_name": {
        "zh": "映射文件 {file} 中“{name}”应指向一个名字，请改正。",
        "en": "In the mapping {file}, '{name}' must be given one name; correct it.",
    },
    "reconcile.mapping_column": {
        "zh": "映射文件 {file} 中的“{name}”不是要对账的列，可用的有：{wanted}。",
        "en": "In the mapping {file}, '{name}' is none of the columns compared: {wanted}.",
    },
    "reconcile.out_is_file": {
        "zh": "--out 指的是文件 {file}，请给一个文件夹。",
        "en": "--out names the file {file}; give it a folder.",
    },
    "reconcile.out_is_input": {
        "zh": "结果会覆盖输入文件 {file}，请换一个 --out 文件夹。",
        "en": "The answer would overwrite {file}, which is compared; choose another folder.",
    },
    "reconcile.memory": {
        "zh": "--memory {given} 不对：请写成 512MB 或 4GB，至少 {least}。",
        "en": "--memory {given} is no size: write 512MB or 4GB, at least {least}.",
    },
    "reconcile.out_of_memory": {
        "zh": "{cap} 内存不够，请用 --memory 给多一些。",
        "en": "{cap} of memory do not suffice; allow more with --memory.",
    },
    "reconcile.disk_full": {
        "zh": "临时文件夹的磁盘已满，请清出空间，或用 --spill 指定另一个文件夹。",
        "en": "The disk of the temporary folder is full; free some, or name another with --spill.",
    },
    "reconcile.same_file": {
        "zh": "注意：两边是同一个文件，对上也说明不了什么。",
        "en": "Mind: both sides are one file; that they match proves nothing.",
    },
    "reconcile.kind_missing_ours": {
        "zh": "我方缺：对方有，我方没有。",
        "en": "We miss it: only they have it.",
    },
    "reconcile.kind_missing_theirs": {
        "zh": "对方缺：我方有，对方没有。",
        "en": "They miss it: only we have it.",
    },
    "reconcile.kind_amount_over": {
        "zh": "我方金额多于对方。",
        "en": "Our amount is over theirs.",
    },
    "reconcile.kind_amount_short": {
        "zh": "我方金额少于对方。",
        "en": "Our amount is short of theirs.",
    },
    "reconcile.kind_status": {
        "zh": "双方状态不同。",
        "en": "The two statuses differ.",
    },
    "reconcile.kind_fee": {
        "zh": "双方手续费不同。",
        "en": "The two fees differ.",
    },
    "reconcile.kind_duplicate": {
        "zh": "重复：比另一方多出现一次。",
        "en": "A duplicate: once more than on the other side.",
    },
    "reconcile.kind_currency": {
        "zh": "双方币种不同。",
        "en": "The two currencies differ.",
    },
    "reconcile.matched_meanwhile": {
        "zh": "这些账单行刚被另一处对过，请再试一次。",
        "en": "Somebody else has just matched these lines; run it again.",
    },
    "reconcile.resolved_already": {
        "zh": "这笔差异已经解决，请刷新列表。",
        "en": "This difference has been resolved already; reload the list.",
    },
    "reconcile.changed_since": {
        "zh": "申请之后情况变了，请按现在的差异重新申请。",
        "en": "It has changed since it was asked for; look again and ask anew.",
    },
    "reconcile.no_reason": {
        "zh": "请写明理由，审批人要看。",
        "en": "Give a reason; whoever approves will read it.",
    },
    "reconcile.no_files": {
        "zh": "渠道 {channel} 没有可上传的账单格式，请点“重新获取”。",
        "en": "The channel {channel} has no bill that could be uploaded; fetch it instead.",
    },
    "reconcile.too_large": {
        "zh": "文件太大，最多 {most}，请确认选对了文件。",
        "en": "The file is too large, {most} at most; check that it is the right one.",
    },
    "reconcile.not_this_bill": {
        "zh": "这不是 {channel} 的交易账单，或文件不完整；请从该渠道的商户后台重新下载。",
        "en": (
            "This is no trade bill of {channel}, or it is not whole; download it again from the"
            " provider's website."
        ),
    },
    "reconcile.other_merchant": {
        "zh": "这份账单属于另一个商户号，请换成 {channel} 自己的账单。",
        "en": "This bill names another merchant number; choose the one of {channel}.",
    },
    "reconcile.other_day": {
        "zh": "这份账单里没有 {on} 的交易，请选对日期再上传。",
        "en": "This bill has no line of {on}; choose the right day and upload it again.",
    },
    "reconcile.day_not_over": {
        "zh": "{on} 还没有结束，账单要等次日。",
        "en": "{on} is not over; its bill comes the day after.",
    },
    "reconcile.no_file_chosen": {
        "zh": "请先选择账单文件。",
        "en": "Choose the bill's file first.",
    },
}
