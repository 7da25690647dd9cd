"""Texts: enrolment of faces, at the desk and from folders."""

from domain.texts.text import Text

TEXTS: dict[str, Text] = {
    "enrolments.done": {
        "zh": "已登记。",
        "en": "Enrolled.",
    },
    "enrolments.alike": {
        "zh": "已登记；与 {number} 很像，付款时将要求第二步验证。",
        "en": "Enrolled; looks like {number}, so a second factor will be asked.",
    },
    "enrolments.same_face": {
        "zh": "已登记，但与 {number} 几乎是同一张脸，请核对学号是否写错。",
        "en": "Enrolled, but it is nearly the face of {number}; check whether a number is wrong.",
    },
    "enrolments.unchanged": {
        "zh": "没有变化，已登记过。",
        "en": "Nothing has changed; enrolled before.",
    },
    "enrolments.no_picture": {
        "zh": "有同意书，但没有照片，请补照片或到登记台登记。",
        "en": "There is a consent but no photograph; add one, or enrol at the desk.",
    },
    "enrolments.no_pictures": {
        "zh": "“{path}”里没有照片，请核对文件夹；文件名应为学号，如 20260001.jpg。",
        "en": "There are no pictures in “{path}”; files are named by number, as 20260001.jpg.",
    },
    "enrolments.two_people": {
        "zh": "同一学号的照片不是同一个人，请核对后再导入。",
        "en": "The pictures of this number show different people; check them first.",
    },
    "enrolments.cell_empty": {
        "zh": "此格不能为空，请补填。",
        "en": "This cell must not be empty; fill it in.",
    },
    "enrolments.number_twice": {
        "zh": "此学号出现了两次，请只保留一行。",
        "en": "This number is there twice; keep one row.",
    },
    "enrolments.yes_or_no": {
        "zh": "此格请填“是”或“否”。",
        "en": "Write yes or no in this cell.",
    },
    "enrolments.no_date": {
        "zh": "此格请填日期，如 2026-09-01。",
        "en": "Write a date in this cell, as 2026-09-01.",
    },
    "enrolments.look_straight": {
        "zh": "请正对镜头。",
        "en": "Please look straight at the camera.",
    },
    "enrolments.turn_left": {
        "zh": "请慢慢向您的左边转头。",
        "en": "Turn your head slowly to your left.",
    },
    "enrolments.turn_right": {
        "zh": "请慢慢向您的右边转头。",
        "en": "Turn your head slowly to your right.",
    },
    "enrolments.look_up": {
        "zh": "请微微抬头。",
        "en": "Raise your chin a little.",
    },
    "enrolments.taken": {
        "zh": "拍好了，请稍候。",
        "en": "That is all; one moment.",
    },
    "enrolments.wrong_side": {
        "zh": "方向反了，请从正面重新开始。",
        "en": "That was the other side; start again, looking straight.",
    },
    "enrolments.too_slow": {
        "zh": "没有看到转头，请从正面重新开始。",
        "en": "No turn was seen; start again, looking straight.",
    },
    "enrolments.stay": {
        "zh": "请留在画面内，从正面重新开始。",
        "en": "Stay in the picture; start again, looking straight.",
    },
    "enrolments.one_person": {
        "zh": "不是同一个人，请从正面重新开始。",
        "en": "That is not the same person; start again, looking straight.",
    },
    "faces.glare": {
        "zh": "眼镜反光，请摘下眼镜或稍微低头。",
        "en": "The glasses reflect; take them off, or lower your head a little.",
    },
    "cameras.none": {
        "zh": "没有可用的摄像头，请检查连接。",
        "en": "There is no camera; check its cable.",
    },
    "terminals.lease_ended": {
        "zh": "本机的密钥已到期，请联网后再试。",
        "en": "This machine's key has run out; connect it to the server first.",
    },
    "evaluations.summary": {
        "zh": "{people} 人，{pictures} 张照片：同一人比对 {genuine} 次，不同人比对 {impostor} 次。",
        "en": (
            "{people} people, {pictures} pictures: {genuine} comparisons of one person, "
            "{impostor} of different people."
        ),
    },
    "evaluations.mark": {
        "zh": "← 是窗口使用的阈值 {threshold}（登记不足 1 万人时）。",
        "en": "← is the threshold that counters use, {threshold} (with fewer than 10,000 people).",
    },
    "evaluations.no_face": {
        "zh": "照片中没有找到人脸，未参与评估。",
        "en": "No face was found in this picture; it is left out.",
    },
    "evaluations.too_few": {
        "zh": "照片不够：至少要有两个人的文件夹，其中一人至少两张能看清脸的照片。",
        "en": (
            "There is too little to compare: it takes folders of two people at least, one of them "
            "with two pictures of a face."
        ),
    },
    "enrolments.summary": {
        "zh": "{good} 个完成，{open} 个待处理，登记表 {rows} 处错误。",
        "en": "{good} done, {open} need attention, {rows} mistakes in the register.",
    },
    "enrolments.tried": {
        "zh": "试运行，没有保存：{good} 个可以完成，{open} 个待处理，登记表 {rows} 处错误。",
        "en": "A trial, nothing was kept: {good} would be done, {open} need attention, {rows} "
        "mistakes in the register.",
    },
    "enrolments.group": {
        "zh": "{group}：已登记 {enrolled}，已同意未登记 {consented}，不同意 {refused}，"
        "已撤回 {withdrawn}，未答复 {none}，需重新登记 {again}。",
        "en": "{group}: enrolled {enrolled}, consented without a face {consented}, refused "
        "{refused}, withdrawn {withdrawn}, not asked {none}, to come again {again}.",
    },
    "enrolments.count": {
        "zh": "共保存 {count} 人的人脸。",
        "en": "Faces of {count} people are stored.",
    },
    "enrolments.must_file": {
        "zh": "共保存 {count} 人的人脸：达到十万人须备案，请尽快与法务确认。",
        "en": "Faces of {count} people are stored: from 100,000 on it must be filed; see counsel.",
    },
    "enrolments.gone": {
        "zh": "已撤回，服务器和所有窗口都已删除。",
        "en": "Withdrawn; the server and every counter have forgotten the face.",
    },
    "enrolments.going": {
        "zh": "已撤回，服务器已删除，正在等窗口确认。",
        "en": "Withdrawn; the server has forgotten the face, counters have yet to confirm.",
    },
    "holdings.waiting": {
        "zh": "{name}：{at} 起等待确认。",
        "en": "{name}: waiting since {at}.",
    },
    "holdings.confirmed": {
        "zh": "{name}：{at} 已确认删除。",
        "en": "{name}: confirmed at {at}.",
    },
    "holdings.lease_ended": {
        "zh": "{name}：一直未联网，{at} 起已无法读取。",
        "en": "{name}: never heard again; unreadable since {at}.",
    },
    "standings.none": {"zh": "未答复。", "en": "Not asked."},
    "standings.refused": {"zh": "不同意。", "en": "Refused."},
    "standings.consented": {"zh": "已同意，未登记。", "en": "Consented, no face yet."},
    "standings.enrolled": {"zh": "已登记。", "en": "Enrolled."},
    "standings.withdrawn": {"zh": "已撤回。", "en": "Withdrawn."},
    "standings.model_changed": {
        "zh": "人脸模型已更新，请重新登记。",
        "en": "The face model has changed; come again.",
    },
    "standings.mostly_missed": {
        "zh": "窗口常认不出，请重新登记。",
        "en": "Counters mostly miss this face; come again.",
    },
    "consents.refused": {
        "zh": "本人或监护人不同意，未登记。",
        "en": "The person or guardian said no; not enrolled.",
    },
    "consents.expired": {
        "zh": "同意书已过有效期，请重新签署。",
        "en": "The consent has run out; have it signed again.",
    },
}
