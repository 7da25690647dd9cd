"""Texts: terminals, envelopes, activation, journals, the feed and templates' keys."""

from domain.texts.text import Text

TEXTS: dict[str, Text] = {
    "terminals.unknown": {
        "zh": "服务器不认识本终端，请重新激活。",
        "en": "The server does not know this terminal; activate it again.",
    },
    "terminals.revoked": {
        "zh": "本终端已被停用，请联系管理员。",
        "en": "This terminal was revoked; see the administrator.",
    },
    "terminals.retired": {
        "zh": "本终端已退役，请激活新的终端。",
        "en": "This terminal is retired; activate a new one.",
    },
    "terminals.not_activated": {
        "zh": "本终端尚未激活，请运行 fanpiao activate。",
        "en": "This terminal is not activated; run fanpiao activate with its code.",
    },
    "terminals.binding_unknown": {
        "zh": "记录中的门店绑定从未属于本终端，已转人工处理。",
        "en": "This terminal never held the binding in the record; a person will handle it.",
    },
    "terminals.serial_wrong": {
        "zh": "终端序列号应为 4 至 32 位字母、数字或短横线，见设备铭牌。",
        "en": "A serial number has 4 to 32 letters, digits or dashes; it is on the device's label.",
    },
    "terminals.acquirer_wrong": {
        "zh": "收单机构代码应为 4 至 20 位字母或数字，由收单机构提供。",
        "en": "The acquirer's code has 4 to 20 letters or digits; the acquirer tells it.",
    },
    "terminals.account_wrong": {
        "zh": "结算账号应为 6 至 40 位数字。",
        "en": "A settlement account has 6 to 40 digits.",
    },
    "terminals.location_wrong": {
        "zh": "布放位置请写明地址和具体位置，5 至 200 个字。",
        "en": "Say where the device stands, with its address, in 5 to 200 characters.",
    },
    "terminals.serial_taken": {
        "zh": "这个序列号已登记在窗口“{name}”；一台终端只能属于一个商户，请先停用或变更原登记。",
        "en": (
            "This serial number is registered for the counter “{name}”; a device belongs to one "
            "merchant alone: take it out of service there first."
        ),
    },
    "terminals.not_here": {
        "zh": "这个窗口已停用，不能登记；请先重新激活。",
        "en": "This counter is out of service and cannot be registered; activate it again first.",
    },
    "terminals.queue_not_empty": {
        "zh": "还有 {count} 条记录未上传，请先联网上传。",
        "en": "{count} records still wait here; go online and send them first.",
    },
    "terminals.shift_open": {
        "zh": "本终端还在当班，请先交班。",
        "en": "A shift is still open at this terminal; close it first.",
    },
    "terminals.busy": {
        "zh": "本终端的请求过多，请稍候。",
        "en": "This terminal has too many requests in flight; wait a moment.",
    },
    "terminals.in_use": {
        "zh": "另一个程序正在使用本机数据，请先关闭它。",
        "en": "Another process uses this terminal's store; close it first.",
    },
    "envelopes.bad_signature": {
        "zh": "签名不正确，记录仍留在本机，请检查终端密钥。",
        "en": "The signature does not hold; the record stays here, check the terminal's key.",
    },
    "envelopes.malformed": {
        "zh": "内容无法读取，请检查软件版本。",
        "en": "The message cannot be read; check the software's version.",
    },
    "envelopes.clock_skew": {
        "zh": "终端时间与服务器相差太大，请校准时间。",
        "en": "The terminal's clock is too far from the server's; set it right.",
    },
    "envelopes.too_large": {
        "zh": "内容太大，请分批发送。",
        "en": "The message is too large; send it in parts.",
    },
    "envelopes.not_found": {
        "zh": "没有这个地址，请检查软件版本。",
        "en": "There is no such address; check the software's version.",
    },
    "envelopes.method": {
        "zh": "这个地址不接受 {method}，请用 {allowed}，并检查软件版本。",
        "en": "This address takes no {method}; use {allowed}, and check the software's version.",
    },
    "envelopes.bad_version": {
        "zh": "消息版本不受支持，请升级软件。",
        "en": "This message version is not supported; upgrade the software.",
    },
    "envelopes.unsigned": {
        "zh": "请求没有签名，请先激活终端。",
        "en": "The request is not signed; activate the terminal first.",
    },
    "envelopes.replayed": {
        "zh": "请求重复，未再次处理。",
        "en": "The request was repeated and not carried out again.",
    },
    "activation.unknown_code": {
        "zh": "激活码不对，请核对后再输入。",
        "en": "The activation code is not known; check it and type it again.",
    },
    "activation.expired_code": {
        "zh": "激活码已过期，请管理员重新生成。",
        "en": "The activation code has expired; ask for a new one.",
    },
    "activation.used_code": {
        "zh": "激活码已使用，请管理员重新生成。",
        "en": "The activation code was used already; ask for a new one.",
    },
    "activation.bad_proof": {
        "zh": "终端未能证明持有密钥，请重新激活。",
        "en": "The terminal did not prove that it holds its key; activate again.",
    },
    "activation.already_active": {
        "zh": "本机已激活，如需更换请先注销。",
        "en": "This machine is active already; retire it before activating again.",
    },
    "activation.too_many_tries": {
        "zh": "尝试次数过多，请稍后再试。",
        "en": "Too many tries; wait and try again.",
    },
    "activation.not_a_code": {
        "zh": "这不是激活码，请扫描后台终端页上的二维码。",
        "en": "This is no activation code; scan the one on the console's terminal page.",
    },
    "activation.not_private": {
        "zh": "{host} 不在本地网络，激活须用 https:// 地址，否则密钥会被沿途读到。",
        "en": "{host} is not on your own network: use its https:// address, or keys are overheard.",
    },
    "activation.no_server": {
        "zh": "请填写服务器地址，以 http:// 或 https:// 开头。",
        "en": "Enter the server's address; it begins with http:// or https://.",
    },
    "activation.server_unreachable": {
        "zh": "连不上服务器，请检查地址和网络。",
        "en": "The server cannot be reached; check its address and the network.",
    },
    "journals.lost": {
        "zh": "有一条本机记录无法读取，已如实上报。",
        "en": "A record on this disk cannot be read; that has been reported.",
    },
    "journals.intent_unknown": {
        "zh": "没有找到这笔收款，请核对单号。",
        "en": "There is no such open sale; check the number.",
    },
    "journals.intent_closed": {
        "zh": "这笔收款已有结果，请重新开单。",
        "en": "This sale has its outcome already; start a new one.",
    },
    "records.too_many": {
        "zh": "一次上传的记录超过 {limit} 条，请分批上传。",
        "en": "More than {limit} records in one push. Send them in smaller batches.",
    },
    "records.not_bookable": {
        "zh": "服务器已收下这条记录，但暂时不能入账，请管理员在控制台处理。",
        "en": "The server has this record but cannot book it yet. Decide it in the console.",
    },
    "records.not_a_sale": {
        "zh": "只有收款记录才能作为新付款入账；这条是 {kind}。",
        "en": "Only a sale can be booked as a new payment; this record is a {kind}.",
    },
    "records.not_parked": {
        "zh": "这条记录已不在待处理之列（{status}），请刷新页面。",
        "en": "This record is no longer parked ({status}). Reload the page.",
    },
    "records.unreadable": {
        "zh": "记录无法读取，仍留在本机，请联系技术支持。",
        "en": "The record cannot be read and stays here; call support.",
    },
    "feeds.bad_cursor": {
        "zh": "更新位置无效，将重新下载全部数据。",
        "en": "The place in the feed is not valid; everything is loaded anew.",
    },
    "templates.bad_seal": {
        "zh": "人脸数据未通过校验，已丢弃，请刷卡或扫码。",
        "en": "A face record failed its check and was dropped; use a card or a code.",
    },
    "templates.malformed": {
        "zh": "人脸特征格式不对，请重新拍照登记。",
        "en": "This is not a face vector; take the enrolment pictures again.",
    },
    "envelopes.not_authentic": {
        "zh": "无法确认请求来自本终端，请检查激活和密钥。",
        "en": (
            "The request could not be proved to come from this terminal; check activation and key."
        ),
    },
    "keys.unreadable": {
        "zh": "终端密钥文件 {path} 无法读取，请重新激活。",
        "en": "The terminal's key file {path} cannot be read; activate again.",
    },
    "keys.no_permission": {
        "zh": "没有读取密钥文件 {path} 的权限，请用激活时的账户运行，或用 chown 改回属主。",
        "en": "This user may not read the key file {path}; run as who activated it, or chown it.",
    },
    "keys.too_open": {
        "zh": "密钥文件 {path} 可被他人读取，请改为仅本人可读（chmod 600）。",
        "en": "Others can read the key file {path}; run chmod 600 on it.",
    },
    "terminals.other_profile": {
        "zh": (
            "本机在控制台绑定为“{bound}”，不用 {given}。"
            '要用自己的文件，请在其中写 name = "{bound}"。'
        ),
        "en": (
            "The console bound this terminal as '{bound}', so {given} is not used; "
            'a file of your own needs name = "{bound}".'
        ),
    },
    "activation.done": {
        "zh": "已绑定：{merchant} · {store} · {terminal}。现在可以启动：fanpiao terminal。",
        "en": "Bound: {merchant} · {store} · {terminal}. Now start it: fanpiao terminal.",
    },
    "scripts.mistake": {
        "zh": "脚本第 {line} 行有误：{detail}。",
        "en": "Line {line} of the script has a mistake: {detail}.",
    },
}
