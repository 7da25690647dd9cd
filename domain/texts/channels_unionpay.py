"""Texts: what UnionPay's self-test finds."""

from domain.texts.text import Text

TEXTS: dict[str, Text] = {
    "unionpay.key_not_certificates": {
        "zh": "签名私钥与签名证书不是一对，请从同一个 .pfx 文件重新导出并上传。",
        "en": "The signing key is not the certificate's; export both from the same .pfx again.",
    },
    "unionpay.certificate_expired": {
        "zh": "签名证书不在有效期内，请在银联商户平台下载新证书后上传。",
        "en": "The signing certificate is not valid now; upload the new one that UnionPay issued.",
    },
    "unionpay.middle_not_roots": {
        "zh": "中级证书不是根证书签发的或已过期，请上传银联提供的同一套中级证书和根证书。",
        "en": "The middle certificate is not of this root, or expired; upload UnionPay's own pair.",
    },
    "unionpay.root_expired": {
        "zh": "根证书不在有效期内，请上传银联现用的根证书。",
        "en": "The root certificate is not valid now; upload UnionPay's present one.",
    },
    "unionpay.unreachable": {
        "zh": "连不上银联网关（{why}），请检查网络和网关地址。",
        "en": "UnionPay's gateway cannot be reached ({why}); check the network and the host.",
    },
    "unionpay.unsigned": {
        "zh": "网关的应答没有通过验签（{why}），请检查中级证书、签名方名称和网关地址。",
        "en": "The gateway's answer is not authentic ({why}); check middle certificate and host.",
    },
    "unionpay.signature_refused": {
        "zh": "银联不认我们的签名，请核对商户号、签名证书和私钥是否属于同一商户。",
        "en": "UnionPay refuses our signature; check that number, certificate and key are one's.",
    },
    "unionpay.refused": {
        "zh": "银联拒绝了测试查询，应答码 {why}，请按应答码联系银联。",
        "en": "UnionPay refused the test query with code {why}; ask UnionPay about it.",
    },
}
