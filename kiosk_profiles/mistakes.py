"""What can be wrong with a profile, and the sentences that say so in Chinese and English."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from kiosk_profiles.schema import Language

_SENTENCES: dict[str, dict[Language, str]] = {
    "not_found": {
        "zh": "找不到配置文件；可用的名称：{allowed}",
        "en": "there is no such profile; known names: {allowed}",
    },
    "unreadable": {
        "zh": "读不了这个文件：{detail}",
        "en": "the file cannot be read: {detail}",
    },
    "syntax": {
        "zh": "不是有效的 TOML：{detail}",
        "en": "this is not valid TOML: {detail}",
    },
    "unknown_field": {
        "zh": "没有“{field}”这个字段；可用字段：{allowed}",
        "en": "there is no field `{field}`; allowed: {allowed}",
    },
    "missing": {
        "zh": "缺少必填字段“{field}”",
        "en": "the required field `{field}` is missing",
    },
    "value": {
        "zh": "“{field}”的值 {got} 不对；允许的值：{allowed}",
        "en": "`{field}` cannot be {got}; allowed: {allowed}",
    },
    "auto_needs_trigger": {
        "zh": "固定价格下自动刷脸会扣到路过的人：请加一个 trigger 设备，"
        "或写 face.auto_lane = true，或用 confirm",
        "en": "with a standing price, automatic faces charge passers-by: add a device of kind "
        "trigger, or set face.auto_lane = true, or use confirm",
    },
    "face_without_mode": {
        "zh": "tenders 里有 face，但 face.mode 是 off：请设为 confirm 或 auto，或去掉 face",
        "en": "tenders name face but face.mode is off: set it to confirm or auto, or drop face",
    },
    "face_not_taken": {
        "zh": "face.mode 不是 off，但 tenders 里没有 face：请加上 face，或设为 off",
        "en": "face.mode is on but tenders do not name face: add it, or set face.mode to off",
    },
    "no_device": {
        "zh": "{field} 需要一个 {allowed} 设备，但 devices 里没有",
        "en": "{field} needs a device of kind {allowed}, and devices name none",
    },
    "unattended_auto": {
        "zh": "无人值守时不能只凭人脸：face.mode 只能是 off 或 confirm（再加第二要素）",
        "en": "nobody is behind this counter, so never a face alone: face.mode must be off or "
        "confirm (with a second factor)",
    },
    "unattended_confirm": {
        "zh": "无人值守时没有收银员：face.confirm_by 只能是 diner",
        "en": "nobody is behind this counter to confirm: face.confirm_by must be diner",
    },
    "unattended_tender": {
        "zh": "无人值守时不能收 {got}：没有收银员",
        "en": "an unattended counter cannot take {got}: there is no cashier",
    },
    "duplicate_device": {
        "zh": "设备名 {got} 用了两次；每个设备的名字必须不同",
        "en": "two devices are named {got}; every device needs a name of its own",
    },
    "no_tender": {
        "zh": "收款台至少要有一种支付方式；可用：{allowed}",
        "en": "a counter that sells needs at least one tender; allowed: {allowed}",
    },
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: where it is, which kind, and what would be right.

    `kind` is stable and one of the keys above; `allowed` is text such as `off, confirm, auto`.
    """

    file: str
    line: int
    field: str
    kind: str
    got: str = ""
    allowed: str = ""
    detail: str = ""

    def sentence(self, language: Language) -> str:
        """Say the mistake as `file:line: field: what is wrong and what is allowed`."""
        text = _SENTENCES[self.kind][language].format(
            field=self.field, got=self.got, allowed=self.allowed, detail=self.detail
        )
        guess = self._guess(language)
        return f"{self.file}:{self.line}: {text}{guess}"

    def _guess(self, language: Language) -> str:
        wrong = self.field.rsplit(".", 1)[-1] if self.kind == "unknown_field" else self.got
        near = difflib.get_close_matches(wrong.strip("\"'"), self.allowed.split(", "), n=1)
        if not near or self.kind not in {"unknown_field", "value", "not_found"}:
            return ""
        return f"（是不是“{near[0]}”？）" if language == "zh" else f" (did you mean `{near[0]}`?)"
