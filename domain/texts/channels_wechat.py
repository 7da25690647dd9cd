"""What the self-test of a WeChat Pay account finds, and what to do about it."""

from domain.texts.text import Text

TEXTS: dict[str, Text] = {
    "wechat.unreachable": {
        "zh": "连不上微信支付（{why}），请检查网络和主机地址。",
        "en": "WeChat Pay cannot be reached ({why}); check the network and the host.",
    },
    "wechat.key_not_certificates": {
        "zh": "商户私钥与商户证书（序列号 {serial}）不是一对，"
        "请从同一次下载中取 apiclient_key.pem 和 apiclient_cert.pem。",
        "en": "The merchant's private key does not belong to the certificate (serial {serial}); "
        "take apiclient_key.pem and apiclient_cert.pem from the same download.",
    },
    "wechat.certificate_of_another": {
        "zh": "商户证书属于“{named}”，与填写的商户号不同，请核对商户号或换证书。",
        "en": "The merchant certificate is that of “{named}”, not of this merchant number; correct "
        "the number or the certificate.",
    },
    "wechat.certificate_expired": {
        "zh": "商户证书不在有效期内（到 {until}），请在商户平台更换。",
        "en": "The merchant certificate is not valid now (until {until}); renew it in the merchant "
        "platform.",
    },
    "wechat.notice_url": {
        "zh": "微信支付只通知公网的 https 地址，不能是 {url}，请改服务器的对外地址。",
        "en": "WeChat Pay calls public https addresses only, not {url}; change the server's public "
        "address.",
    },
    "wechat.own_key_as_public": {
        "zh": "“微信支付公钥”填成了商户自己的公钥，请从商户平台下载 pub_key.pem。",
        "en": "The merchant's own key was entered as WeChat Pay's public key; download pub_key.pem "
        "from the merchant platform.",
    },
    "wechat.clock": {
        "zh": "本机时钟与微信支付相差 {seconds} 秒，请校准时间。",
        "en": "This machine's clock is {seconds} seconds off WeChat Pay's; set the time right.",
    },
    "wechat.signature_refused": {
        "zh": "微信支付不认我们的签名（{answer}），"
        "请核对商户号、商户证书和私钥是否为当前有效的一套。",
        "en": "WeChat Pay refuses our signature ({answer}); check that merchant number, "
        "certificate and private key are the set in force.",
    },
    "wechat.refused": {
        "zh": "微信支付拒绝了自检请求（{answer}），请稍后再试或查看商户平台的权限。",
        "en": "WeChat Pay refused the self-test's request ({answer}); try again later or look at "
        "the permissions in the merchant platform.",
    },
    "wechat.api_key": {
        "zh": "APIv3 密钥不对，解不开平台证书，请在商户平台重设后填写。",
        "en": "The APIv3 key is wrong: it does not open the platform certificates; set it anew in "
        "the merchant platform and enter it.",
    },
    "wechat.unsigned": {
        "zh": "应答没有微信支付的签名（{why}），请检查主机地址和中间的代理。",
        "en": "The answer bears no signature of WeChat Pay ({why}); check the host and any proxy "
        "in between.",
    },
    "wechat.platform_key": {
        "zh": "微信支付的签名用现有的密钥（{serial}）验不过，请重新下载微信支付公钥。",
        "en": "WeChat Pay's signature does not verify with the key held for {serial}; download the "
        "public key again.",
    },
    "wechat.public_key_id": {
        "zh": "微信支付用公钥 {serial} 签名，但没有填写它，请填写这个公钥 ID 和对应的公钥。",
        "en": "WeChat Pay signs with the public key {serial}, which is not entered; enter this id "
        "and its key.",
    },
    "wechat.no_platform_certificate": {
        "zh": "取不到微信支付平台证书（{serial}），请先改正其他各项再试。",
        "en": "The platform certificate {serial} cannot be had; put the other findings right and "
        "try again.",
    },
}
