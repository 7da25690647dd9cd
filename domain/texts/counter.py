"""Texts: the counter: shifts, cash, sale states, undo, the clock."""

from domain.texts.text import Text

TEXTS: dict[str, Text] = {
    "counters.locked": {
        "zh": "本机已锁定，请输入密码。",
        "en": "This counter is locked; enter the PIN.",
    },
    "counters.no_period": {
        "zh": "现在不是供餐时间，下一餐 {starts}。",
        "en": "No meal is served now; the next starts at {starts}.",
    },
    "counters.blocked": {
        "zh": "本机暂停收款，请到旁边窗口。",
        "en": "This counter is not taking money; please use the next one.",
    },
    "counters.busy": {
        "zh": "正在处理上一笔，请稍候。",
        "en": "The last sale is still in hand; wait a moment.",
    },
    "counters.already_paid": {
        "zh": "此人本餐已付过款，请收银员确认是否加餐。",
        "en": "This person paid for this meal already; the cashier confirms an extra portion.",
    },
    "counters.amount_above": {
        "zh": "金额较大，请再次按确认。",
        "en": "The amount is large; press Enter once more.",
    },
    "counters.amount_changed": {
        "zh": "金额已改变，请顾客重新确认。",
        "en": "The amount has changed; the diner confirms again.",
    },
    "counters.not_recognised": {
        "zh": "未识别，请刷卡、扫码或报号。",
        "en": "Not recognised; use a card, a code or a number.",
    },
    "counters.unheard": {
        "zh": "网络断开，还不知道付没付：先别出餐，也别再收一次。",
        "en": "The network is down; whether it was paid is not known. Do not serve or charge yet.",
    },
    "counters.code_left": {
        "zh": "请先拿开手机，再出示新的付款码。",
        "en": "Take the phone away first, then show a new code.",
    },
    "counters.card_left": {
        "zh": "请先拿开卡，再重新刷卡。",
        "en": "Take the card away first, then present it again.",
    },
    "counters.timed_out": {
        "zh": "等待超时，本次未扣款。",
        "en": "The wait is over; nothing was charged.",
    },
    "counters.not_me": {
        "zh": "已取消，未扣款。",
        "en": "Cancelled; nothing was charged.",
    },
    "counters.power_lost": {
        "zh": "断电时有一笔未完成，已按规则处理。",
        "en": "A sale was open when the power went; it has been settled by the rules.",
    },
    "top_ups.needs_server": {
        "zh": "充值需要联网，请恢复网络后再收现金。",
        "en": "A top-up needs the server; take no cash until the network is back.",
    },
    "top_ups.not_yours": {
        "zh": "本窗口或您的岗位不能收现金充值，请到可充值的窗口。",
        "en": "This counter or your role takes no cash for wallets; use one that does.",
    },
    "top_ups.no_person": {
        "zh": "请刷本人的卡、扫饭票码或输入学工号。",
        "en": "Use the person's card, our own code or their number.",
    },
    "top_ups.diner_confirms": {
        "zh": "请顾客在顾客屏上确认金额。",
        "en": "The diner confirms the sum on their own screen.",
    },
    "top_ups.refused": {
        "zh": "充值未成功，请把现金退还顾客。",
        "en": "The top-up was refused; hand the cash back.",
    },
    "top_ups.open": {
        "zh": "还有充值未得到服务器答复，请联网后再交班；可先锁定本机。",
        "en": "A top-up still waits for the server; lock now, and close once it is online.",
    },
    "shifts.none_open": {
        "zh": "请先开班。",
        "en": "Open a shift first.",
    },
    "shifts.already_open": {
        "zh": "已有未结的班次，请先结班。",
        "en": "A shift is open already; close it first.",
    },
    "shifts.unknown": {
        "zh": "没有找到这个班次，请核对。",
        "en": "No such shift; check it.",
    },
    "shifts.contradiction": {
        "zh": "同一班次收到了第二份开班或交班记录，请核对后在控制台处理。",
        "en": "A second opening or closing came for one shift. Check it and decide in the console.",
    },
    "shifts.queue_not_empty": {
        "zh": "还有 {count} 笔未上传，结班单上会注明。",
        "en": "{count} sales still wait to be sent; the shift report says so.",
    },
    "cash.too_little": {
        "zh": "收到的现金不足，还差 {missing_amount}。",
        "en": "The cash given does not reach; {missing_amount} is missing.",
    },
    "undo.too_late": {
        "zh": "已超过撤销时间，请用退款。",
        "en": "It is too late to undo; make a refund.",
    },
    "undo.other_shift": {
        "zh": "这笔不是本班次的，请到“更多”里的“找单退款”，按小票单号退。",
        "en": "This sale is of another shift; refund it under More, “Find a sale”, by its number.",
    },
    "undo.nothing": {
        "zh": "没有可撤销的收款。",
        "en": "There is nothing to undo.",
    },
    "undo.needs_supervisor": {
        "zh": "金额超过撤销限额，请主管输入密码。",
        "en": "This is above the undo limit; a supervisor's PIN is needed.",
    },
    "clock.behind": {
        "zh": "本机时间早于上一笔记录，请校准时间后再收款。",
        "en": "The clock is behind the last record; set it right before selling.",
    },
    "clock.ahead": {
        "zh": "本机时间比服务器快太多，请校准时间。",
        "en": "The clock is far ahead of the server; set it right.",
    },
    "clock.unsynchronised": {
        "zh": "已超过 24 小时未对时，请确认日期和时间。",
        "en": "The clock was not set for 24 hours; confirm date and time.",
    },
    "clock.impossible": {
        "zh": "记录的时间不可能，已按合理时间入账并转人工核对。",
        "en": (
            "The record's time is impossible; it was booked at a sensible time, and a person will "
            "look."
        ),
    },
    "profiles.invalid": {
        "zh": "配置有误：{file} 第 {line} 行 {field}，可用的值：{allowed}。",
        "en": "The profile has a mistake: {file} line {line}, {field}; allowed: {allowed}.",
    },
    "profiles.unknown": {
        "zh": "没有名为 {name} 的配置，可用的有：{allowed}。",
        "en": "There is no profile named {name}; there are: {allowed}.",
    },
    "counters.take_meal": {
        "zh": "已支付，请取餐。",
        "en": "Paid; please take your meal.",
    },
    "counters.take_away": {
        "zh": "请拿开卡或手机，谢谢。",
        "en": "Please take your card or phone away, thank you.",
    },
    "limits.extended_already": {
        "zh": "离线额度已延长过一次。",
        "en": "The offline cap was extended once already.",
    },
    "undo.needs_pin": {
        "zh": "撤销较早的收款，请收银员输入密码。",
        "en": "Undoing an earlier sale needs the cashier's PIN.",
    },
    "periods.unknown": {
        "zh": "没有这个餐次，请核对。",
        "en": "There is no such meal period; check it.",
    },
}
