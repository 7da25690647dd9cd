"""What a check of this machine may find, and the sentences that say it in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from domain.messages import Language

State = Literal["ok", "warning", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `fanpiao doctor`: `check` names what was looked at, `code` what was found.

    `warning` is worth knowing and stops nothing; `wrong` makes doctor exit with 1. Every code that
    is not `ok` has a sentence that ends in what to do.
    """

    check: str
    state: State
    code: str
    data: dict[str, str | int] = field(default_factory=dict)

    def sentence(self, language: Language) -> str:
        """Say what was found and, when it is not well, what to do."""
        return SENTENCES[self.code][language].format(**self.data)


SENTENCES: dict[str, dict[Language, str]] = {
    "python.ok": {"zh": "Python {version}", "en": "Python {version}"},
    "python.unsupported": {
        "zh": "Python {version} 不受支持：请用 3.11 到 3.13（script/setup 会准备好）",
        "en": "Python {version} is not supported: use 3.11 to 3.13 (script/setup brings one)",
    },
    "disk.ok": {"zh": "可用 {free_mb} MB", "en": "{free_mb} MB free"},
    "disk.low": {
        "zh": "{path} 只剩 {free_mb} MB：请尽快清理，低于 {least_mb} MB 将停止收款",
        "en": "{path} has only {free_mb} MB left: free some soon; below {least_mb} MB sales stop",
    },
    "disk.full": {
        "zh": "{path} 只剩 {free_mb} MB，低于 {least_mb} MB：请立即清理磁盘",
        "en": "{path} has {free_mb} MB left, less than {least_mb} MB: free some space now",
    },
    "clock.ok": {"zh": "时钟已同步", "en": "synchronised"},
    "clock.unsure": {
        "zh": "无法确认时钟是否同步：请启用 systemd-timesyncd 或 chrony",
        "en": "cannot tell whether it is synchronised: enable systemd-timesyncd or chrony",
    },
    "clock.unsynchronised": {
        "zh": "时钟没有同步：请运行 timedatectl set-ntp true 并检查网络",
        "en": "not synchronised: run timedatectl set-ntp true and check the network",
    },
    "clock.impossible": {
        "zh": "系统日期是 {today}，不可能：请校正日期和时间",
        "en": "the date is {today}, which cannot be: set the date and time",
    },
    "clock.differs": {
        "zh": "与服务器相差 {seconds} 秒：请校正本机时间",
        "en": "{seconds} s away from the server's: set the time of this machine",
    },
    "fonts.ok": {"zh": "有 {font} 可显示 饭票￥", "en": "{font} shows 饭票￥"},
    "fonts.missing": {
        "zh": "没有字体可显示 饭票￥：请运行 apt-get install fonts-noto-cjk",
        "en": "no font shows 饭票￥: run apt-get install fonts-noto-cjk",
    },
    "fonts.unsure": {
        "zh": "没有 fc-list，无法检查字体：请运行 apt-get install fontconfig",
        "en": "there is no fc-list to check fonts with: run apt-get install fontconfig",
    },
    "library.ok": {"zh": "{count} 个库都能加载", "en": "all {count} load"},
    "library.missing": {
        "zh": "加载不了 {names}：请运行 script/setup",
        "en": "cannot load {names}: run script/setup",
    },
    "qt.ok": {"zh": "PySide6 {version}", "en": "PySide6 {version}"},
    "qt.other": {
        "zh": "PySide6 是 {version}，不是锁定的 {pinned}：请运行 script/setup",
        "en": "PySide6 is {version}, not the pinned {pinned}: run script/setup",
    },
    "data.ok": {"zh": "模型和照片齐全", "en": "models and photographs are there"},
    "data.missing": {
        "zh": "缺少 {names}：请运行 script/setup",
        "en": "missing: {names}: run script/setup",
    },
    "serial.none": {"zh": "没有串口", "en": "no serial port is plugged in"},
    "serial.ok": {"zh": "{ports}", "en": "{ports}"},
    "serial.forbidden": {
        "zh": "没有权限访问 {ports}：请运行 adduser {user} dialout 后重新登录",
        "en": "no permission for {ports}: run adduser {user} dialout and log in again",
    },
    "pcsc.ok": {"zh": "服务正在运行；读卡器：{readers}", "en": "running; readers: {readers}"},
    "pcsc.no_reader": {
        "zh": "服务正在运行，但没有读卡器：请插上读卡器",
        "en": "running, but it sees no reader: plug one in",
    },
    "pcsc.stopped": {
        "zh": "pcscd 服务没有运行：请运行 systemctl enable --now pcscd.socket",
        "en": "pcscd is not running: run systemctl enable --now pcscd.socket",
    },
    "camera.none": {"zh": "没有摄像头", "en": "no camera is plugged in"},
    "camera.ok": {"zh": "{paths}", "en": "{paths}"},
    "camera.forbidden": {
        "zh": "没有权限访问 {paths}：请运行 adduser {user} video 后重新登录",
        "en": "no permission for {paths}: run adduser {user} video and log in again",
    },
    "profile.ok": {"zh": "{name} 没有错误", "en": "{name} has no mistake"},
    "profile.invalid": {"zh": "{zh}", "en": "{en}"},
    "profile.device_missing": {
        "zh": "配置 {name} 需要 {device}（{path}），但它不在：请插上，或改正配置",
        "en": "profile {name} names {device} at {path}, which is not there: plug it in, or correct "
        "the profile",
    },
    "device.ok": {"zh": "{device}（{where}）正常", "en": "{device} ({where}) works"},
    "device.wrong": {"zh": "{device}（{where}）：{zh}", "en": "{device} ({where}): {en}"},
    "input.none": {"zh": "没有键盘类设备", "en": "nothing that types is plugged in"},
    "input.ok": {"zh": "{names}", "en": "{names}"},
    "input.forbidden": {
        "zh": "没有权限读取 {names}：请运行 adduser {user} input 后重新登录；"
        "或在 {file} 写入\n{rule}",
        "en": "no permission to read {names}: run adduser {user} input and log in again; or put "
        "into {file}\n{rule}",
    },
    "undriven.none": {
        "zh": "插着的设备都有驱动在用",
        "en": "everything that is plugged in is driven",
    },
    "undriven.some": {
        "zh": "插着但没有使用：{devices}；要用就写进配置",
        "en": "plugged in and not used: {devices}; name them in the profile to use them",
    },
    "sound.ok": {"zh": "可发声：{outputs}", "en": "can be heard: {outputs}"},
    "sound.none": {
        "zh": "没有声卡：请接上扬声器并检查音频设置；收款照常，只是没有提示音",
        "en": "there is no sound output: connect a loudspeaker and check the sound settings; sales "
        "go on without tones",
    },
    "sound.no_library": {
        "zh": "加载不了 {library}，没有提示音：请运行 apt-get install libpulse0",
        "en": "cannot load {library}, so there are no tones: run apt-get install libpulse0",
    },
    "keys.ok": {
        "zh": "终端 {terminal} 的密钥只有本用户可读",
        "en": "terminal {terminal}; its keys are readable by this user only",
    },
    "keys.none": {
        "zh": "本机尚未激活为终端（{path}）",
        "en": "this machine is not activated as a terminal ({path})",
    },
    "keys.too_open": {
        "zh": "其他用户可以读取密钥 {path}：请运行 chmod 600 {path}，并在后台重新激活本终端",
        "en": "others may read the keys {path}: run chmod 600 {path} and activate this terminal "
        "anew in the console",
    },
    "keys.damaged": {
        "zh": "密钥文件 {path} 已损坏：请保留该文件，联系管理员后重新激活",
        "en": "the keys {path} are damaged: keep the file, tell the administrator, and activate "
        "anew",
    },
    "keys.forbidden": {
        "zh": "用户 {user} 读不了密钥 {path}：请换用它的所有者运行",
        "en": "{user} may not read the keys {path}: run as their owner",
    },
    "server.ok": {"zh": "{url} 在 {took_ms} 毫秒内应答", "en": "{url} answers in {took_ms} ms"},
    "server.silent": {
        "zh": "{url} 没有应答（{why}）：请检查地址、网络和服务器；收银台可离线工作",
        "en": "{url} does not answer ({why}): check the address, the network and the server; the "
        "counter works offline meanwhile",
    },
    "channel.ok": {
        "zh": "{organisation} 的 {channel}：密钥和联通都正常",
        "en": "{channel} of {organisation}: keys and connection are right",
    },
    "channel.off": {
        "zh": "{organisation} 的 {channel} 已停用，未检查",
        "en": "{channel} of {organisation} is switched off and was not asked",
    },
    "channel.closed": {
        "zh": "{organisation} 的 {channel} 打不开（{why}）：请在后台“支付渠道”中改正",
        "en": "{channel} of {organisation} cannot be opened ({why}): correct it in the console "
        "under Channels",
    },
    "channel.wrong": {
        "zh": "{organisation} 的 {channel}，{setting}：{zh}",
        "en": "{channel} of {organisation}, {setting}: {en}",
    },
    "channel.none": {
        "zh": "这个数据库里还没有支付渠道：请在后台添加",
        "en": "this database has no channels yet: add them in the console",
    },
    "channel.no_database": {"zh": "{zh}", "en": "{en}"},
    "server.strange": {
        "zh": "{url} 应答了 {status}，不像是 Fanpiao 服务器：请检查地址",
        "en": "{url} answers {status}, not like a Fanpiao server: check the address",
    },
}
