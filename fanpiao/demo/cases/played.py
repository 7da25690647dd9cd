"""Every case by the meal it belongs to, and what it is called."""

from collections.abc import Callable
from dataclasses import dataclass

from fanpiao.demo.cases import (
    faces,
    failures,
    forgery,
    keypad,
    left_behind,
    mistakes,
    quiet_hours,
)
from fanpiao.demo.cases.stage import Stage


@dataclass(frozen=True, slots=True)
class Case:
    """One case: its code, its two names, and what plays and checks it."""

    code: str
    zh: str
    en: str
    play: Callable[[Stage], None]


AFTER_BREAKFAST = (
    Case("passer_by", "路过的人", "Somebody walks past", faces.passer_by),
    Case("stand_still", "站着不动，未确认", "Stands still, confirms nothing", faces.stand_still),
    Case("two_faces", "两张脸", "Two faces side by side", faces.two_faces),
    Case("wrong_face", "陌生人的脸", "A stranger's face", faces.wrong_face),
    Case("not_me", "按下“不是我”", "“Not me” at the confirmation", faces.not_me),
)
AFTER_LUNCH = (
    Case("phone_left", "手机一直放着", "Phone left lying", left_behind.phone_left_lying),
    Case("card_left", "卡一直放着", "Card left on the reader", left_behind.card_left_lying),
    Case("undo", "撤销", "Undo", mistakes.undo),
    Case(
        "time_out", "联机超时后离线", "Online time-out, then offline",
        failures.time_out_then_offline,
    ),
    Case("wrong_codes", "无效的码与卡", "Wrong codes and cards", mistakes.wrong_codes),
    Case("code_replayed", "同一个码用两次", "One code at two counters", mistakes.code_replayed),
)  # fmt: skip
AFTER_DINNER = (
    Case(
        "power_cut_paid", "断电：服务器已扣", "Power cut: the server had booked it",
        failures.power_cut_and_paid,
    ),
    Case(
        "power_cut_lost", "断电：谁也没收到", "Power cut: nobody had heard of it",
        failures.power_cut_and_lost,
    ),
    Case("reader_away", "读卡器被拔掉", "The card reader is unplugged", quiet_hours.reader_away),
    Case("duplicate_push", "重复上传", "The same records again", forgery.duplicate_push),
    Case("key_reuse", "重用支付编号", "A payment id used again", forgery.key_reuse),
    Case("tampered_record", "被篡改的记录", "A record changed on its way", forgery.tampered_record),
)  # fmt: skip
AT_THE_KEYPAD = (
    Case(
        "amount_changed", "识别后改价", "Amount changed after the face",
        mistakes.amount_changed,
    ),
    Case(
        "parked_phone", "手机待确认，先收下一位", "A phone waits, the line goes on",
        keypad.parked_phone,
    ),
    Case("phone_given_up", "不再等手机", "Giving a phone up", keypad.phone_given_up),
    Case("large_sum", "金额过大，余额不够", "A large sum, a short wallet", keypad.large_sum),
    Case("face_and_pin", "刷脸加密码", "A face and its PIN", keypad.face_and_pin),
)  # fmt: skip
LATE = (
    Case("wrong_pin", "密码不对", "A wrong PIN at the locked counter", quiet_hours.wrong_pin),
    Case("between_meals", "两餐之间", "Between meals", quiet_hours.between_meals),
)
