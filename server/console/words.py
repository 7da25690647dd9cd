"""Words for the codes that rows hold: states, kinds of records, credentials. Unknown ones show."""

from typing import Any

from django.utils.translation import gettext_lazy as _

STATES: dict[str, Any] = {
    "succeeded": _("paid"), "submitted": _("under way"), "declined": _("declined"),
    "cancelled": _("cancelled"), "reversing": _("being reversed"), "reversed": _("reversed"),
    "created": _("begun"), "awaiting_payer": _("waiting for the payer"), "unknown": _("unclear"),
    "parked": _("parked"), "waiting": _("waiting"), "refused": _("refused"),
    "suspense": _("in suspense"), "applied": _("booked"), "retried": _("tried again"),
    "posted_as_new": _("booked as a new payment"), "written_off": _("written off"),
}  # fmt: skip
RECORDS: dict[str, Any] = {
    "acceptance": _("sale"), "cancellation": _("cancellation"), "refund": _("refund"),
    "shift_opened": _("shift opened"), "shift_closed": _("shift closed"),
    "cash_moved": _("cash moved"), "event": _("event"), "journal_opened": _("journal opened"),
    "lost": _("lost record"), "cash_top_up": _("cash top-up"),
}  # fmt: skip
CREDENTIALS: dict[str, Any] = {
    "face": _("face"), "card": _("card"), "wallet_code": _("wallet code"),
    "channel_code": _("payment code"), "number": _("number"), "none": _("–"), "cash": _("cash"),
}  # fmt: skip
DEVICES: dict[str, Any] = {
    "ready": _("ready"), "lost": _("disconnected"), "starting": _("starting"),
    "stopped": _("switched off"), "scanner": _("scanner"), "camera": _("camera"),
    "card_reader": _("card reader"), "reader": _("card reader"), "printer": _("printer"),
    "scale": _("scale"), "drawer": _("cash drawer"), "cash_drawer": _("cash drawer"),
    "display": _("screen"), "keypad": _("keypad"),
}  # fmt: skip
FACTS: dict[str, Any] = {
    "cap": _("limit"), "charged_amount": _("charged"), "posted_amount": _("posted price"),
    "said_amount": _("amount in the notice"), "code": _("reason"), "order": _("order"),
    "journal": _("journal"), "sequence": _("number in the journal"), "why": _("why"),
    "first_missing": _("first missing number"), "top": _("highest number seen"),
    "old_journal": _("journal before"), "old_head": _("last number of the journal before"),
    "work": _("work"), "attempts": _("tries"), "error": _("last error"),
    "other_payment": _("the other payment"), "seconds": _("seconds between both"),
}  # fmt: skip
"""What a case remembers, by name; names that end in "amount", and a cap, are in fen."""
SUBJECTS: dict[str, Any] = {
    "payment": _("payment"), "order": _("order"), "refund": _("refund"), "record": _("record"),
    "journal": _("journal"), "shift": _("shift"), "work": _("work"), "person": _("person"),
}  # fmt: skip
PROVIDERS: dict[str, Any] = {
    "wechat": _("WeChat Pay"), "alipay": _("Alipay"), "unionpay": _("UnionPay"),
    "bank": _("bank"), "simulated": _("simulated"),
}  # fmt: skip
CHANNEL_SETTINGS: dict[str, Any] = {
    "mchid": _("merchant number"), "appid": _("app id"), "app_id": _("app id"),
    "certificate": _("own certificate"), "private_key": _("own private key"),
    "api_v3_key": _("API v3 key"), "public_key_id": _("id of the provider's public key"),
    "public_key": _("the provider's public key"), "sub_mchid": _("sub-merchant number"),
    "app_secret": _("app secret (AppSecret), for pages inside WeChat"),
    "sub_appid": _("sub-merchant's app id"), "seller_id": _("seller number (PID)"),
    "alipay_public_key": _("Alipay's public key"), "app_certificate": _("own certificate"),
    "alipay_certificate": _("Alipay's certificate"), "root_certificate": _("root certificate"),
    "app_auth_token": _("authorisation token"), "merchant": _("merchant number"),
    "middle_certificate": _("intermediate certificate"), "file_host": _("host of the files"),
    "bank": _("bank"), "signer": _("name of the signer"), "bank_key": _("the bank's public key"),
    "display_name": _("name on the code"), "display_city": _("city on the code"),
    "key": _("own private key"), "exchange": _("signed exchange"),
    "notice_url": _("address for notices"), "connection": _("connection"), "clock": _("clock"),
    "signature": _("our signature at the provider"),
    "platform_key": _("the provider's signature"), "gateway": _("connection"),
    "our_signature": _("our signature at the provider"), "own_key": _("own private key"),
    "own_key_size": _("length of the own key"), "root": _("root certificate"),
    "middle": _("intermediate certificate"), "alipay_signature": _("the provider's signature"),
    "alipay_certificate_issuer": _("issuer of Alipay's certificate"),
    "app_certificate_dates": _("dates of the own certificate"),
    "alipay_certificate_dates": _("dates of Alipay's certificate"),
}  # fmt: skip
"""An account's settings and what its self-test checks, by name."""
OPERATIONS: dict[str, Any] = {
    "pay": _("charge the payer's code"), "create": _("open an order"), "query": _("query"),
    "reverse": _("reverse"), "cancel": _("cancel"), "close": _("close"), "refund": _("refund"),
    "query_refund": _("query a refund"), "refund_query": _("query a refund"),
    "debit": _("debit by mandate"), "sign": _("sign a mandate"), "bill": _("bill"),
    "self_test": _("self-test"),
}  # fmt: skip
"""What a channel was asked, by name."""
BILL_ACCOUNTS: dict[str, Any] = {
    "receivable": _("owed to us by the channel"), "bank": _("our bank account"),
    "deposit": _("our bank account"), "cost": _("cost: the channel's fees"),
    "variance": _("variance with the channel"),
}  # fmt: skip
"""The accounts that clearing a bill moves."""
BILL_STATES: dict[str, Any] = {
    "not_yet": _("not yet"), "late": _("late"), "fetched": _("fetched"),
    "differences": _("differences"), "waiting": _("waits for the next bill"),
    "matched": _("matched"),
}  # fmt: skip
DIFFERENCE_KINDS: dict[str, Any] = {
    "missing_ours": _("missing in our books"), "missing_theirs": _("missing in their bill"),
    "amount_over": _("our amount is over"), "amount_short": _("our amount is short"),
    "status": _("states differ"), "fee": _("fees differ"), "duplicate": _("twice"),
    "currency": _("currencies differ"),
}  # fmt: skip
DIFFERENCE_STATES: dict[str, Any] = {
    "pooled": _("waits for the next bill"), "open": _("needs a person"),
    "resolved": _("resolved"), "matched_later": _("matched later"),
    "accepted": _("their word booked, by four eyes"),
    "matched": _("matched"), "fee_rounding": _("rounding of the fee"),
    "PAID": _("paid"), "REFUNDED": _("refunded"), "NOT PAID": _("not paid"),
    "NOT REFUNDED": _("not refunded"),
}  # fmt: skip
VERDICT_MARKS = {"taken": "good", "waiting": "warn", "replayed": ""}
"""The class of a notice's badge; all other verdicts are bad."""
EVENTS: dict[str, Any] = {
    "payment.succeeded": _("payment succeeded"), "payment.closed": _("payment closed"),
    "refund.succeeded": _("refund succeeded"), "refund.refused": _("refund refused"),
    "test": _("test event"),
}  # fmt: skip
"""What merchants' systems are told, by type."""
EVENT_MARKS = {"delivered": "good", "waiting": "warn", "given_up": "bad"}
_WHYS: dict[str, Any] = {
    "not signed": _("not signed"), "the signature is wrong": _("the signature is wrong"),
    "signature is wrong": _("the signature is wrong"),
    "signed at another time": _("signed at another time"),
    "signed at another time than ours": _("signed at another time"),
    "sent at another time than ours": _("signed at another time"),
    "seen before": _("seen before"), "replayed": _("seen before"),
    "the same signed bytes again": _("seen before"),
    "for another merchant": _("for another merchant or app"),
    "for another merchant or app": _("for another merchant or app"),
    "for another app": _("for another merchant or app"),
    "for another seller": _("for another merchant or app"),
    "not JSON": _("not readable"), "not a form": _("not readable"),
    "a field is missing": _("not readable"), "no time of sending": _("not readable"),
    "cannot be unsealed with this APIv3 key": _("cannot be unsealed with this APIv3 key"),
}  # fmt: skip


def why_text(why: str) -> Any:
    """Return why a notice was refused, for people; an unknown reason as the provider gave it."""
    return _WHYS.get(why, why)
