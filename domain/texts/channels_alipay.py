"""What Alipay's refusals say that others do not, and what the self-test of its account finds."""

from domain.texts.text import Text

TEXTS: dict[str, Text] = {
    "channels.not_contracted": {
        "zh": "商户没有开通这种收款方式，没有扣款，请管理员到支付渠道签约。",
        "en": "The merchant has no contract for this way to pay and nothing was charged; ask an "
        "administrator to sign it at the channel.",
    },
    "channels.merchant_suspended": {
        "zh": "商户账户被支付渠道暂停收款，没有扣款，请管理员联系渠道。",
        "en": "The channel has suspended the merchant and charged nothing; ask an administrator to "
        "call the channel.",
    },
    "channels.risk": {
        "zh": "支付渠道认为这笔付款有风险，没有扣款，请换一种方式付款。",
        "en": "The channel sees a risk in this payment and charged nothing; use another way to "
        "pay.",
    },
    "channels.forbidden_word": {
        "zh": "商品名称里有支付渠道不允许的词，没有扣款，请改名后再收款。",
        "en": "The name of the sale has a word that the channel forbids and nothing was charged; "
        "change the name and charge again.",
    },
    "channels.order_expired": {
        "zh": "这笔订单已过付款时间，没有扣款，请重新收款。",
        "en": "The time to pay this order is over and nothing was charged; start it again.",
    },
    "alipay.unreachable": {
        "zh": "连不上支付宝（{why}），请检查网络和主机地址。",
        "en": "Alipay cannot be reached ({why}); check the network and the host.",
    },
    "alipay.seller_id": {
        "zh": "商户号“{given}”不对，应为 2088 开头的 16 位数字（PID）。",
        "en": "The seller number “{given}” is wrong; it is 16 digits that begin with 2088 (PID).",
    },
    "alipay.own_key": {
        "zh": "应用私钥不能正常签名，请重新生成并上传公钥。",
        "en": "The app's private key does not sign; make a new one and upload its public key.",
    },
    "alipay.own_key_short": {
        "zh": "应用私钥只有 {bits} 位，RSA2 要求 2048 位，请重新生成。",
        "en": "The app's private key has only {bits} bits and RSA2 wants 2048; make a new one.",
    },
    "alipay.own_key_as_alipay": {
        "zh": "“支付宝公钥”填成了商户自己的应用公钥，请在开放平台“接口加签方式”里复制支付宝公钥。",
        "en": "The merchant's own public key was entered as Alipay's; copy the Alipay public key "
        "from the open platform's page on signing.",
    },
    "alipay.own_certificate_as_alipay": {
        "zh": "“支付宝公钥证书”填成了商户自己的应用公钥证书，请下载 alipayCertPublicKey_RSA2.crt。",
        "en": "The merchant's own certificate was entered as Alipay's; download "
        "alipayCertPublicKey_RSA2.crt.",
    },
    "alipay.app_certificate_not_ours": {
        "zh": "应用公钥证书与应用私钥不是一对，请用生成证书请求时的私钥。",
        "en": "The app certificate does not belong to the private key; use the key that made its "
        "certificate request.",
    },
    "alipay.certificate_not_of_root": {
        "zh": "支付宝公钥证书不是由填写的根证书签发的，请把三个证书重新从同一页面下载。",
        "en": "Alipay's certificate was not issued under the root certificate given; download all "
        "three from the same page again.",
    },
    "alipay.root_certificate_wrong": {
        "zh": "支付宝根证书文件里没有 RSA 证书，请下载 alipayRootCert.crt。",
        "en": "There is no RSA certificate in the root file; download alipayRootCert.crt.",
    },
    "alipay.certificate_expires": {
        "zh": "证书（{which}）不在有效期内或将到期（{until}），请在开放平台更换。",
        "en": "The certificate ({which}) is not valid or soon ends ({until}); renew it in the open "
        "platform.",
    },
    "alipay.app_unknown": {
        "zh": "支付宝不认识这个应用号（{answer}），请核对 APPID 和环境（沙箱或正式）。",
        "en": "Alipay does not know this app ({answer}); check the APPID and whether it is of the "
        "sandbox or the real thing.",
    },
    "alipay.signature_refused": {
        "zh": "支付宝不认我们的签名（{answer}），请把与应用私钥成对的公钥上传到开放平台。",
        "en": "Alipay refuses our signature ({answer}); upload the public key that belongs to the "
        "private key.",
    },
    "alipay.key_not_registered": {
        "zh": "开放平台上还没有上传应用公钥（{answer}），请先设置接口加签方式。",
        "en": "No app key is uploaded in the open platform yet ({answer}); set up signing there "
        "first.",
    },
    "alipay.app_certificate_refused": {
        "zh": "支付宝不认应用公钥证书（{answer}），请换成开放平台当前的证书。",
        "en": "Alipay refuses the app certificate ({answer}); take the one now in the open "
        "platform.",
    },
    "alipay.root_certificate_refused": {
        "zh": "支付宝不认根证书（{answer}），请重新下载 alipayRootCert.crt。",
        "en": "Alipay refuses the root certificate ({answer}); download alipayRootCert.crt again.",
    },
    "alipay.certificate_mode": {
        "zh": "这个应用是证书模式（{answer}），请填写三个证书。",
        "en": "This app is in certificate mode ({answer}); enter the three certificates.",
    },
    "alipay.clock": {
        "zh": "支付宝认为请求的时间不对（{answer}），请校准本机时间。",
        "en": "Alipay finds the request's time wrong ({answer}); set this machine's clock right.",
    },
    "alipay.no_permission": {
        "zh": "应用没有当面付的权限（{answer}），请签约并让应用上线。",
        "en": "The app may not take payments face to face ({answer}); sign the contract and put "
        "the app online.",
    },
    "alipay.refused": {
        "zh": "支付宝拒绝了自检请求（{answer}），请稍后再试或查看开放平台。",
        "en": "Alipay refused the self-test's request ({answer}); try again later or look at the "
        "open platform.",
    },
    "alipay.alipay_key": {
        "zh": "支付宝的应答用填写的支付宝公钥验不过（{why}），请重新复制支付宝公钥或证书。",
        "en": "Alipay's answer does not verify with the key entered for it ({why}); copy the "
        "Alipay public key or certificate again.",
    },
    "alipay.other_certificate": {
        "zh": "支付宝已换用另一张公钥证书签名，请重新下载 alipayCertPublicKey_RSA2.crt。",
        "en": "Alipay now signs under another certificate; download alipayCertPublicKey_RSA2.crt "
        "again.",
    },
}
