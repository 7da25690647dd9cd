"""Texts: spreadsheets of people, cards and subsidies, and what is wrong in their cells."""

from domain.texts.text import Text

TEXTS: dict[str, Text] = {
    "lists.empty": {
        "zh": "文件是空的，请选择填好的名单。",
        "en": "The file is empty; choose a list that is filled in.",
    },
    "lists.too_large": {
        "zh": "文件太大，最多 {megabytes} MB；请只留下名单本身，或分成几个文件。",
        "en": "The file is too large; at most {megabytes} MB. Keep only the list, or split it.",
    },
    "lists.old_format": {
        "zh": "这是旧版 xls 或加了密码的文件，请另存为 xlsx（不加密码）再试。",
        "en": "This is an old xls or a locked file; save it as xlsx without a password.",
    },
    "lists.unreadable": {
        "zh": "文件已损坏或不是表格，请用 Excel 打开并另存为 xlsx 再试。",
        "en": "The file is damaged or no spreadsheet; open it and save it as xlsx again.",
    },
    "lists.encoding": {
        "zh": "看不懂文件的编码，请另存为 xlsx 或 UTF-8 的 csv。",
        "en": "The file's encoding is unknown; save it as xlsx or as csv in UTF-8.",
    },
    "lists.no_header": {
        "zh": "没有找到表头：需要一行写有“{wanted}”（{named}）。请对照模板。",
        "en": "No heading row was found: one must hold {named} ({wanted}). See the template.",
    },
    "lists.several_sheets": {
        "zh": "有 {count} 个工作表都像名单，请只保留一个。",
        "en": "{count} sheets look like the list; keep only one.",
    },
    "lists.column_twice": {
        "zh": "“{column}”这一列出现了两次，请删去一列。",
        "en": "The column “{column}” is there twice; remove one.",
    },
    "lists.no_rows": {
        "zh": "表头下面没有内容，请填好后再试。",
        "en": "There is nothing below the headings; fill in the list first.",
    },
    "lists.too_many_rows": {
        "zh": "行数太多，一次最多 {limit} 行，请分成几个文件。",
        "en": "There are too many rows; at most {limit} at a time. Split the file.",
    },
    "lists.formula": {
        "zh": "这格是公式，请复制后“粘贴为数值”。",
        "en": "This cell is a formula; copy it and paste it as a value.",
    },
    "lists.cell_error": {
        "zh": "这格显示的是错误，请改成实际内容。",
        "en": "This cell shows an error; type what it should say.",
    },
    "lists.is_date": {
        "zh": "这格被当成了日期（例如 1-2 变成 1 月 2 日），请把该列设为“文本”后重填。",
        "en": "This cell became a date (1-2 turns into 2 January); format the column as text.",
    },
    "lists.rounded": {
        "zh": "超过 15 位的数字已被 Excel 改动，请把该列设为“文本”后重填。",
        "en": "Excel rounds numbers of more than 15 digits; format the column as text and retype.",
    },
    "lists.cell_too_long": {
        "zh": "内容太长，最多 {limit} 个字。",
        "en": "This is too long; at most {limit} characters.",
    },
    "lists.cell_strange": {
        "zh": "里面有换行或看不见的字符，请重新输入。",
        "en": "There is a line break or an invisible character in it; type it again.",
    },
    "lists.missing": {
        "zh": "这格不能空着，请补上。",
        "en": "This cell must not be empty; fill it in.",
    },
    "lists.twice": {
        "zh": "第 {row} 行已有同样的内容，请留下一行。",
        "en": "Row {row} says the same; keep one of them.",
    },
    "lists.has_errors": {
        "zh": "名单里有 {count} 处错误，全部改好之前不会做任何改动。",
        "en": "The list has {count} mistakes; nothing is changed until all are put right.",
    },
    "lists.no_change": {
        "zh": "没有需要改动的内容。",
        "en": "There is nothing to change.",
    },
    "lists.confirmed_already": {
        "zh": "这份名单已经确认过，请查看结果。",
        "en": "This list was confirmed already; look at its result.",
    },
    "lists.too_old": {
        "zh": "试读结果已过期，请重新上传。",
        "en": "The trial run is too old; upload the list again.",
    },
    "people.number_malformed": {
        "zh": "编号只能用字母、数字、横线，最多 32 位。",
        "en": "A number has letters, digits and hyphens, at most 32.",
    },
    "people.name_too_long": {
        "zh": "姓名太长，最多 {limit} 个字。",
        "en": "This name is too long; at most {limit} characters.",
    },
    "people.department_too_long": {
        "zh": "班级或部门太长，最多 {limit} 个字。",
        "en": "This class or department is too long; at most {limit} characters.",
    },
    "people.category_unknown": {
        "zh": "没有这个人员类别，可填：{allowed}。",
        "en": "There is no such category; use one of: {allowed}.",
    },
    "people.category_missing": {
        "zh": "没有写人员类别，请填写，或在导入时选一个默认类别。",
        "en": "No category is given; fill it in, or choose one for all when importing.",
    },
    "people.phone_malformed": {
        "zh": "电话号码不对，请填 7 到 15 位数字。",
        "en": "This is no telephone number; use 7 to 15 digits.",
    },
    "people.left_already": {
        "zh": "此人已离开，不能用名单恢复，请换一个编号或联系管理员。",
        "en": "This person has left and does not return by a list; use another number.",
    },
    "people.no_balance": {
        "zh": "“{column}”不能随名单导入：钱只能通过充值或补贴进入钱包。请删去这一列。",
        "en": "“{column}” is not imported: money comes by top-up or subsidy. Remove the column.",
    },
    "people.number_unknown": {
        "zh": "没有这个编号的人，请核对。",
        "en": "Nobody has this number; check it.",
    },
    "people.other_name": {
        "zh": "编号对应的是“{name}”，与这里的姓名不同，请核对。",
        "en": "This number is {name}'s, not the name given here; check the row.",
    },
    "dates.impossible": {
        "zh": "日期填写不正确：请填 1900 年至 2199 年之间的日期。",
        "en": "This is no date that can be meant: give one between the years 1900 and 2199.",
    },
    "people.leaves_in_past": {
        "zh": "离开日期不能早于今天。",
        "en": "The day of leaving must not be before today.",
    },
    "people.no_site": {
        "zh": "请至少选一个用餐区域。",
        "en": "Choose at least one place where they eat.",
    },
    "people.nobody": {
        "zh": "没有选到任何人，请重新选择。",
        "en": "Nobody is chosen; choose again.",
    },
    "cards.uid_malformed": {
        "zh": "卡号看不懂，请核对格式：{formats}。",
        "en": "This card number cannot be read; the formats are: {formats}.",
    },
    "cards.uid_random": {
        "zh": "这是手机或随机卡号的卡（08 开头），每次都变，不能发卡；请用实体卡。",
        "en": "This is a phone or a card with a random number (08…), new at each tap: not issued.",
    },
    "cards.none_bound": {
        "zh": "没有可以撤回的发卡。",
        "en": "There is no binding to take back.",
    },
    "cards.lost_in_future": {
        "zh": "挂失时间不能晚于现在。",
        "en": "A card cannot be lost later than now.",
    },
    "cards.not_active": {
        "zh": "这张卡不在使用中。",
        "en": "This card is not in use.",
    },
}
