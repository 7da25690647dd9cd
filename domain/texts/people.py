"""Texts: persons, cards, faces, second factors, consent and enrolment."""

from domain.texts.text import Text

TEXTS: dict[str, Text] = {
    "people.unknown": {
        "zh": "没有找到此人，请核对号码或换一种方式。",
        "en": "No such person here; check the number or use another way to pay.",
    },
    "people.frozen": {
        "zh": "此账户已冻结，请联系管理员。",
        "en": "This account is frozen; see the administrator.",
    },
    "people.left": {
        "zh": "此人已离开本单位，请换一种方式付款。",
        "en": "This person has left; use another way to pay.",
    },
    "people.ambiguous": {
        "zh": "这个号码对应多人，请刷卡或扫码。",
        "en": "Several people match this number; use a card or a code.",
    },
    "people.not_entitled_here": {
        "zh": "此人不能在本处消费，请换一种方式付款。",
        "en": "This person is not entitled at this site; use another way to pay.",
    },
    "people.number_taken": {
        "zh": "这个编号已有人使用，请换一个编号。",
        "en": "This number belongs to someone else; choose another.",
    },
    "cards.unknown": {
        "zh": "无法识别这张卡，请换卡或换一种方式付款。",
        "en": "Nobody owns this card; use another card or way to pay.",
    },
    "cards.lost": {
        "zh": "这张卡已挂失，请联系管理员。",
        "en": "This card is reported lost; see the administrator.",
    },
    "cards.returned": {
        "zh": "这张卡已退卡，请换卡。",
        "en": "This card was returned; use another card.",
    },
    "cards.two_at_once": {
        "zh": "一次一张卡，请只放一张。",
        "en": "One card at a time, please.",
    },
    "cards.none": {
        "zh": "读卡器上没有卡，请放一张。",
        "en": "There is no card on the reader; put one there.",
    },
    "cards.torn": {
        "zh": "卡片离开太早，请平放到完成为止。",
        "en": "The card left too early; let it lie until it is done.",
    },
    "cards.no_keys": {
        "zh": "这种卡不带密钥，只能按卡号使用。",
        "en": "This card holds no keys; it can be used by its number only.",
    },
    "cards.foreign_keys": {
        "zh": "这张卡已由他人设置密钥，请换一张空白卡。",
        "en": "Somebody else has set this card's keys; take a blank card.",
    },
    "cards.not_proven": {
        "zh": "发卡后验证未通过，请把卡放好再试一次。",
        "en": "The card did not prove itself after issuing; put it there and try again.",
    },
    "cards.not_read": {
        "zh": "卡没有读完，请放稳后再试。",
        "en": "The card was not read to the end; hold it still and try again.",
    },
    "cards.taken": {
        "zh": "这张卡已属于别人，请换一张卡。",
        "en": "This card belongs to someone else; use another card.",
    },
    "faces.none": {
        "zh": "没有看到人脸，请正对镜头，或刷卡、扫码。",
        "en": "No face is seen; look at the camera, or use a card or code.",
    },
    "faces.unknown": {
        "zh": "未识别，请刷卡或扫码。",
        "en": "Not recognised; use a card or a code.",
    },
    "faces.ambiguous": {
        "zh": "无法确定是谁，请刷卡或输入密码。",
        "en": "Two people look alike; use a card or enter a PIN.",
    },
    "faces.several": {
        "zh": "一次一位，请其他人稍候。",
        "en": "One person at a time, please.",
    },
    "faces.too_small": {
        "zh": "请站近一些。",
        "en": "Please come a little closer.",
    },
    "faces.too_large": {
        "zh": "请退后一些。",
        "en": "Please step back a little.",
    },
    "faces.covered": {
        "zh": "请摘下口罩，或刷卡、扫码。",
        "en": "Please take off the mask, or use a card or code.",
    },
    "faces.turned_away": {
        "zh": "请正对镜头。",
        "en": "Please look straight at the camera.",
    },
    "faces.flat": {
        "zh": "请本人面对摄像头；照片或屏幕上的脸不能付款。",
        "en": "Face the camera yourself; a face in a picture or on a screen does not pay.",
    },
    "faces.too_dark": {
        "zh": "光线太暗，请调整灯光。",
        "en": "It is too dark; adjust the light.",
    },
    "faces.blurred": {
        "zh": "画面模糊，请站稳，或擦拭镜头。",
        "en": "The picture is blurred; stand still, or wipe the lens.",
    },
    "faces.off": {
        "zh": "本窗口未开通刷脸，请刷卡或扫码。",
        "en": "Face payment is off at this counter; use a card or code.",
    },
    "faces.model_missing": {
        "zh": "缺少人脸模型，不能刷脸，请运行 script/setup 后重新启动；刷卡、扫码照常。",
        "en": "The face models are missing: run script/setup and restart; cards and codes work.",
    },
    "faces.model_changed": {
        "zh": "人脸模型已更新，请重新登记。",
        "en": "The face model has changed; please enrol again.",
    },
    "faces.not_live": {
        "zh": "未通过活体检测，请刷卡或扫码。",
        "en": "Liveness was not confirmed; use a card or a code.",
    },
    "faces.near_twin": {
        "zh": "与已登记的人很像，将启用第二步验证。",
        "en": "This face is near an enrolled one; a second factor will be asked.",
    },
    "consents.missing": {
        "zh": "没有刷脸同意书，不能登记人脸。",
        "en": "There is no consent on file, so no face may be enrolled.",
    },
    "consents.incomplete": {
        "zh": "同意书缺少“{field}”，请补齐后再登记。",
        "en": "The consent lacks “{field}”; complete the form first.",
    },
    "consents.given_already": {
        "zh": "此人在本处已有有效的刷脸同意书。",
        "en": "A consent of this person for this site is on file already.",
    },
    "consents.withdrawn": {
        "zh": "已撤回刷脸同意，请刷卡或扫码。",
        "en": "The consent was withdrawn; use a card or a code.",
    },
    "consents.needs_guardian": {
        "zh": "未满 14 周岁须由监护人同意。",
        "en": "Under 14, a guardian must consent.",
    },
    "consents.code_wrong": {
        "zh": "监护人验证码不正确，还可再试 {left} 次。",
        "en": "The guardian's code is wrong. Tries left: {left}.",
    },
    "consents.code_spent": {
        "zh": "监护人验证码已失效，请在后台重新生成并交给监护人。",
        "en": "The guardian's code no longer counts; issue a new one and give it to the guardian.",
    },
    "consents.unknown_text": {
        "zh": "没有版本为“{version}”的同意书，请升级本机后再试。",
        "en": "There is no consent text of version “{version}”; update this machine first.",
    },
    "consents.text_changed": {
        "zh": "屏幕上的同意书与服务器的不一致，请重新打开后再签。",
        "en": "The text on the screen is not the server's; open it again before signing.",
    },
    "consents.twin_of_self": {
        "zh": "双胞胎或兄弟姐妹不能是本人，请核对编号。",
        "en": "Nobody is their own twin or sibling; check the number.",
    },
    "consents.no_notice": {
        "zh": "尚未填写同意书上的联系方式和服务器，请管理员先在后台“人脸告知”中填写。",
        "en": "The contact and servers of the consent text are missing; an administrator enters "
        "them first.",
    },
    "consents.no_photograph": {
        "zh": "此人没有同意保存照片，照片不予保存。",
        "en": "This person did not agree to photographs being kept; none is stored.",
    },
    "terminals.no_desk": {
        "zh": "本机不是登记台，请在后台改用“enrolment”配置后再激活。",
        "en": "This terminal is no enrolment desk; give it the profile “enrolment” first.",
    },
    "factors.wrong": {
        "zh": "验证不正确，还可再试 {left} 次。",
        "en": "That is not right. Tries left: {left}.",
    },
    "factors.spent": {
        "zh": "验证次数已用完，请换一种方式付款。",
        "en": "No tries are left; use another way to pay.",
    },
    "factors.none": {
        "zh": "没有可用的第二步验证，请刷卡或扫码。",
        "en": "No second factor is on file; use a card or a code.",
    },
    "pins.wrong": {
        "zh": "密码不对，请重新输入。",
        "en": "The PIN is wrong; enter it again.",
    },
    "pins.locked": {
        "zh": "密码错误次数过多，请 {seconds} 秒后再试。",
        "en": "Too many wrong PINs; wait {seconds} s.",
    },
    "pins.too_short": {
        "zh": "密码至少 {digits} 位数字。",
        "en": "A PIN has at least {digits} digits.",
    },
    "pins.must_change": {
        "zh": "首次使用请先修改密码。",
        "en": "Change the PIN before first use.",
    },
    "pins.malformed": {
        "zh": "存储的密码无法读取，请管理员重设。",
        "en": "The stored PIN is unreadable; ask an administrator to set a new one.",
    },
    "operators.unknown": {
        "zh": "没有找到操作员，请核对工号。",
        "en": "No such operator; check the number.",
    },
    "operators.inactive": {
        "zh": "操作员已停用，请联系主管。",
        "en": "This operator is inactive; see a supervisor.",
    },
    "operators.not_allowed": {
        "zh": "您没有此项权限，请主管输入密码。",
        "en": "Your role does not allow this; a supervisor's PIN does.",
    },
    "factors.unattended": {
        "zh": "自助窗口不能只凭人脸付款，请再输入密码或刷卡。",
        "en": "A face alone does not pay here; enter the PIN or present the card too.",
    },
    "faces.look_here": {
        "zh": "请看向镜头。",
        "en": "Please look at the camera.",
    },
    "faces.too_bright": {
        "zh": "光线太强，请避开逆光。",
        "en": "It is too bright; turn away from the light.",
    },
    "faces.hold_still": {
        "zh": "请站稳不动。",
        "en": "Please hold still.",
    },
    "faces.too_far": {
        "zh": "请走近一些。",
        "en": "Please come closer.",
    },
}
