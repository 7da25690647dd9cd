"""What the books' own words are called on paper, in both languages."""

from collections.abc import Mapping

from domain.messages import Language

WORDS: Mapping[str, tuple[str, str]] = {
    "tender.wallet": ("校园钱包", "Wallet"),
    "tender.channel": ("扫码支付", "Channel"),
    "tender.cash": ("现金", "Cash"),
    "credential.face": ("刷脸", "Face"),
    "credential.card": ("刷卡", "Card"),
    "credential.wallet_code": ("钱包码", "Wallet code"),
    "credential.channel_code": ("付款码", "Payer's code"),
    "credential.payee_code": ("收款码", "Payee code"),
    "credential.number": ("学工号", "By number"),
    "credential.none": ("无", "None"),
    "mode.online": ("联网", "Online"),
    "mode.offline": ("离线", "Offline"),
}


def word(name: str, language: Language) -> str:
    """Return what `name` is called; a word without a name stays as it is, without its kind."""
    found = WORDS.get(name)
    if found is None:
        return name.partition(".")[2]
    return found[0] if language == "zh" else found[1]
