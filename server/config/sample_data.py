"""The figures of the sample canteen: obviously made up, and the same every time."""

from datetime import UTC, date, datetime

from domain.offline_policy import Assurance, Caps, OfflinePolicy
from server.merchants.models import Role

ORGANISATION = "示例大学食堂"
SITE = ("main", "示例校区")
MERCHANT = ("canteen", "示例餐饮公司")
STORE = ("hall-1", "示例第一食堂")
OPENED_ON = date(2026, 1, 1)
OPENED_AT = datetime(2025, 12, 31, 16, 0, tzinfo=UTC)
"""Midnight of the opening day in Shanghai: every sample price holds from here on."""

CATEGORIES = (
    # code, Chinese, English, second factor, when short, debt limit (fen)
    ("student", "学生", "Student", "pin", "decline", 0),
    ("staff", "教职工", "Staff", "pin", "overdraw", 5000),
    ("guest", "访客", "Guest", "card", "decline", 0),
)
PERIODS = (
    # code, Chinese, English, starts, ends, portions
    ("breakfast", "早餐", "Breakfast", "06:30", "09:30", None),
    ("lunch", "午餐", "Lunch", "10:30", "13:30", None),
    ("dinner", "晚餐", "Dinner", "16:30", "20:00", None),
)
PRICES = (
    # category, period, first portion, second portion (fen)
    ("student", "breakfast", 500, 400),
    ("student", "lunch", 1200, 800),
    ("student", "dinner", 1000, 800),
    ("staff", "breakfast", 600, 600),
    ("staff", "lunch", 1500, 1500),
    ("staff", "dinner", 1300, 1300),
    ("guest", "breakfast", 800, 800),
    ("guest", "lunch", 1800, 1800),
    ("guest", "dinner", 1600, 1600),
)
ITEMS = (
    # code, Chinese, English, amount (fen)
    ("rice", "米饭", "Rice", 100),
    ("noodles", "牛肉面", "Beef noodles", 1400),
    ("tofu", "麻婆豆腐", "Mapo tofu", 600),
    ("greens", "清炒时蔬", "Stir-fried greens", 400),
    ("chicken", "宫保鸡丁", "Kung pao chicken", 900),
    ("egg", "茶叶蛋", "Tea egg", 150),
    ("soup", "番茄蛋汤", "Tomato egg soup", 200),
    ("milk", "牛奶", "Milk", 350),
    ("yoghurt", "酸奶", "Yoghurt", 400),
    ("water", "矿泉水", "Water", 200),
)
OPERATORS = (
    # number, name, role, PIN
    ("01", "示例收银员", Role.CASHIER, "135790"),
    ("02", "示例收银员二", Role.CASHIER, "246802"),
    ("03", "示例主管", Role.SUPERVISOR, "864213"),
    ("04", "示例登记员", Role.ENROLMENT_CLERK, "975314"),
)
POLICY = OfflinePolicy(
    version=0,
    caps={
        Assurance.NUMBER: Caps(payment_amount=2000, person_amount=2000),
        Assurance.CARD_UID: Caps(payment_amount=3000, person_amount=6000),
        Assurance.SIGNED_CODE: Caps(payment_amount=5000, person_amount=10000),
        Assurance.FACE_LIVE: Caps(payment_amount=5000, person_amount=10000),
        Assurance.MUTUAL_CARD: Caps(payment_amount=10000, person_amount=20000),
    },
    terminal_count=400,
    terminal_amount=600000,
    max_age_s=72 * 3600,
    extension_count=100,
    extension_amount=150000,
)
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
DIGITS = "一二三四五六七八九"
STARTING_CASH = 20000
"""Every sample wallet opens with ¥200: some fifteen lunches."""
LUNCH_SUBSIDY = 6000
"""¥60 for each student, at lunch with this merchant only."""
CERTIFICATE_CAP = 5000
CERTIFICATE_DAYS = 30


def person_name(place: int) -> str:
    """Return a name that nobody bears: 赵样一, 钱样一, …; masked 赵*一."""
    surname = SURNAMES[place % len(SURNAMES)]
    return f"{surname}样{DIGITS[place // len(SURNAMES) % len(DIGITS)]}"


def card_uid(place: int) -> bytes:
    """Return a 7-byte UID in the shape of NXP's (04…), with SAMPLE's S and M in it."""
    return bytes.fromhex("04534d50") + place.to_bytes(3, "big")


def person_pin(place: int) -> str:
    """Return a six-digit PIN."""
    return f"{(place * 7919 + 120341) % 1000000:06d}"
