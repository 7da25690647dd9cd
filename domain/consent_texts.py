"""The consent to pay by face as people read it: versioned, in Chinese and English, in one place.

Rules
- A version's wording is never changed once somebody may have agreed to it: a new wording is a new
  version, and the old one stays readable for as long as a consent names it.
- The station, the back office and `docs/face-and-the-law.md` all show these very words.
- The photograph is a separate question: saying no to it changes nothing else.
- The words are a draft for the operator's counsel, not legal advice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from domain.errors import Refused
from domain.messages import Language

CURRENT: Final = "2026-1"
"""The version asked for today."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One language of a version: blanks are {organisation}, {site}, {contact} and {servers}."""

    title: str
    points: tuple[str, ...]
    photograph: str
    agree: str
    guardian: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A version with its blanks filled, as it stands on a screen or on paper."""

    version: str
    language: Language
    title: str
    points: tuple[str, ...]
    photograph: str
    agree: str
    guardian: str

    @property
    def text(self) -> str:
        """All of it as one text: what a digest is taken of, so that evidence names the words."""
        return "\n".join(
            (self.version, self.title, *self.points, self.photograph, self.agree, self.guardian)
        )


ZH_2026_1: Final = Wording(
    title="人脸付款知情同意书",
    points=(
        "处理者：{organisation}。联系方式：{contact}。",
        "用途：仅用于在“{site}”付款时认出您。不用于考勤、门禁、监控、评价或营销。",
        "方式：登记时拍摄的画面当场换算成一组数字（人脸模板），画面随即丢弃。"
        "付款时，只有站在收款区内的人脸会被比对；没有匹配上的立即丢弃。",
        "存放：模板加密后存放在{servers}的服务器和“{site}”的收款窗口，不提供给其他任何人。",
        "期限：到您撤回同意、同意到期或离开本单位为止，以先到者为准。到期后服务器立即删除，"
        "各窗口在下一次联网时删除；始终不联网的窗口最迟 30 天后无法再读取。",
        "影响：人脸属于敏感个人信息，泄露后无法更换。识别可能出错；"
        "与他人相像时，会再请您输入密码或刷卡。",
        "自愿：您可以不同意。刷卡、扫码、报号付款，价格相同、队伍相同，不会因此受到任何限制。",
        "权利：您可以随时查询、更正、复制、删除，并随时撤回同意；在登记处或通过上述联系方式"
        "提出即可。撤回不影响此前已完成的付款。",
        "不满十四周岁的，由父母或其他监护人同意。",
    ),
    photograph="另行同意：允许把登记照片加密保存在服务器，只用于人脸模型升级时重新换算，"
    "免去再次到场。不同意不影响人脸付款。",
    agree="我已阅读并同意按上述内容处理我的人脸信息。",
    guardian="我是其监护人，已阅读并同意按上述内容处理其人脸信息。",
)

EN_2026_1: Final = Wording(
    title="Consent to pay by face",
    points=(
        "Who: {organisation}. Contact: {contact}.",
        "What for: only to recognise you when you pay at “{site}”. Not for attendance, doors, "
        "surveillance, grading or advertising.",
        "How: pictures taken at enrolment are turned into a row of numbers (a face template) on "
        "the spot and thrown away. At a counter only a face in the pay zone is compared; one that "
        "matches nobody is forgotten at once.",
        "Where: the template is kept encrypted on the servers of {servers} and at the counters "
        "of “{site}”, and is given to nobody else.",
        "How long: until you withdraw, the consent ends, or you leave, whichever comes first. "
        "The server then deletes it at once and each counter when it is next connected; a "
        "counter that never connects again cannot read it after 30 days at the latest.",
        "What it means for you: a face is sensitive and cannot be changed if it leaks. Mistakes "
        "happen; if you look like somebody else, you are asked for a PIN or a card as well.",
        "Your choice: you may say no. Card, code and number pay the same price in the same line, "
        "and nothing else depends on it.",
        "Your rights: you may see, correct, copy or delete it, and withdraw at any time, at the "
        "enrolment desk or by the contact above. What was paid before stays paid.",
        "Under fourteen, a parent or other guardian consents.",
    ),
    photograph="Separately: the enrolment photographs may be kept encrypted on the server, only "
    "to compute the template anew when the face model changes, so that you need not come again. "
    "Saying no does not affect paying by face.",
    agree="I have read this and agree that my face is processed as described.",
    guardian="I am the guardian, have read this and agree that their face is processed as "
    "described.",
)

VERSIONS: Final[Mapping[str, Mapping[Language, Wording]]] = {
    "2026-1": {"zh": ZH_2026_1, "en": EN_2026_1},
}


def consent_text(language: Language, blanks: Mapping[str, str], version: str = CURRENT) -> Shown:
    """Return a version with its blanks filled; raises `Refused("consents.unknown_text")`.

    A blank that nobody filled shows as "……": it must be seen, not hidden.
    """
    if version not in VERSIONS:
        raise Refused("consents.unknown_text", version=version)
    wording, filled = VERSIONS[version][language], _Blanks(blanks)
    return Shown(
        version=version,
        language=language,
        title=wording.title.format_map(filled),
        points=tuple(point.format_map(filled) for point in wording.points),
        photograph=wording.photograph.format_map(filled),
        agree=wording.agree.format_map(filled),
        guardian=wording.guardian.format_map(filled),
    )


class _Blanks(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "……"
