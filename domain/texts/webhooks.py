"""Texts: events that merchants' own systems are told, and why one was not taken."""

from domain.texts.text import Text

TEXTS: dict[str, Text] = {
    "webhooks.bad_url": {
        "zh": "地址无效：应为完整的 https:// 地址，不含用户名、密码和 #。",
        "en": "This is no address: give a whole https:// one without user, password or #.",
    },
    "webhooks.not_https": {
        "zh": "地址必须以 https:// 开头，否则付款信息会被旁人看到。",
        "en": "The address must begin with https://, or others could read of the payments.",
    },
    "webhooks.private_address": {
        "zh": "该地址在内网，默认不发送。确需发送时，请在服务器上设置 FANPIAO_WEBHOOK_NETWORKS。",
        "en": (
            "This address lies in a private network and is not sent to; if it must be, name the "
            "network in FANPIAO_WEBHOOK_NETWORKS at the server."
        ),
    },
    "webhooks.taken": {
        "zh": "这个商户已有通知地址，请在其页面修改。",
        "en": "This merchant has an address already; change it on its page.",
    },
    "webhooks.no_merchant": {
        "zh": "请先选择商户。",
        "en": "Choose a merchant first.",
    },
    "webhooks.refused": {
        "zh": "对方应答不是 2xx，请对方检查其接收程序。",
        "en": "The answer was not a 2xx; have the merchant look at its receiving program.",
    },
    "webhooks.timed_out": {
        "zh": "对方 10 秒内没有答完，请对方先应答、后处理。",
        "en": "It did not answer within 10 seconds; it should answer first and work afterwards.",
    },
    "webhooks.unreachable": {
        "zh": "连接不上，请检查地址、证书和网络。",
        "en": "It cannot be reached; check address, certificate and network.",
    },
    "webhooks.bad_secret": {
        "zh": "密钥无法解封，请为该地址换一个新密钥。",
        "en": "The secret cannot be opened; give the address a new one.",
    },
    "webhooks.switched_off": {
        "zh": "该地址已停用，启用后可重新发送。",
        "en": "The address is switched off; switch it on and send again.",
    },
}
