"""Texts: mandates, and what the self-test of a bank's account finds."""

from domain.texts.text import Text

TEXTS: dict[str, Text] = {
    "mandates.unknown": {
        "zh": "没有有效的代扣授权，请先在银行 App 完成签约，或换一种方式付款。",
        "en": "There is no mandate in force; sign it in the bank's app, or pay another way.",
    },
    "mandates.ended": {
        "zh": "代扣授权已解除，请重新签约或换一种方式付款。",
        "en": "The mandate has ended; sign a new one or pay another way.",
    },
    "mandates.limit": {
        "zh": "超过代扣授权的限额，请换一种方式付款。",
        "en": "This is above the mandate's limit; pay another way.",
    },
    "mandates.not_signed": {
        "zh": "付款人未在期限内完成签约，请重新发起代扣签约。",
        "en": "The payer did not sign in time; ask for a new mandate.",
    },
    "mandates.one_only": {
        "zh": "此人已有一份代扣授权，请先解除再签新的。",
        "en": "This person has a mandate already; cancel it before asking for another.",
    },
    "mandates.no_channel": {
        "zh": "这个收款渠道不支持代扣，请选择支持代扣的银行渠道。",
        "en": "This channel takes no mandates; choose a bank channel that does.",
    },
    "mandates.tail": {
        "zh": "请填写银行账号的后四位数字，不要填写完整账号。",
        "en": "Give the last four digits of the bank account, never the whole number.",
    },
    "mandates.evidence": {
        "zh": "请注明付款人书面同意的凭据，如签字单编号。",
        "en": "Say where the payer's signed consent is kept, such as the form's number.",
    },
    "mandates.limits": {
        "zh": "单笔限额应大于零，且不超过单日限额；离线限额不能为负。",
        "en": "A payment's limit is above zero and within the day's; the offline cap may be zero.",
    },
    "mandates.over": {
        "zh": "这份代扣授权已经结束，不能再解除。",
        "en": "This mandate is over already; there is nothing to cancel.",
    },
    "bank.key": {
        "zh": "私钥无法签名，请重新生成密钥并把公钥交给银行。",
        "en": "The private key cannot sign; make a new pair and give its public half to the bank.",
    },
    "bank.own_key_as_banks": {
        "zh": "“银行公钥”填的是我们自己的公钥，请换成银行给的公钥。",
        "en": "The bank's key is our own public key; enter the one that the bank gave.",
    },
    "bank.unsigned": {
        "zh": "银行的应答没有通过验签（{why}），请核对银行公钥、银行编号和本机时间。",
        "en": "The bank's answer is not authentic ({why}); check its key, its name and our clock.",
    },
    "bank.unreachable": {
        "zh": "连不上银行（{why}），请检查网络和接口地址。",
        "en": "The bank cannot be reached ({why}); check the network and the host.",
    },
    "bank.signature_refused": {
        "zh": "银行不认我们的签名，请把当前公钥交给银行，并核对商户号。",
        "en": "The bank refuses our signature; give it our present public key, check the merchant.",
    },
    "bank.clock": {
        "zh": "银行说我们的时间相差超过五分钟，请校准服务器时间。",
        "en": "The bank says our clock is off by more than five minutes; set the server's time.",
    },
    "bank.refused": {
        "zh": "银行拒绝了测试请求（{why}），请联系银行。",
        "en": "The bank refused the test request ({why}); ask the bank.",
    },
}
