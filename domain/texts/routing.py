"""Why a payment went to one channel and not to another."""

from domain.texts.text import Text

TEXTS: dict[str, Text] = {
    "routing.over_limit": {
        "zh": "超过商户在支付渠道的限额，请分开付款或换一种方式。",
        "en": "This is above the merchant's limit at the channel; split it or pay another way.",
    },
    "routing.over_day_limit": {
        "zh": "超过商户当天在渠道的限额 {day_amount}，请换一种方式。",
        "en": "This is above the merchant's limit of {day_amount} a day; use another way to pay.",
    },
    "routing.under_limit": {
        "zh": "低于渠道的最低金额 {least_amount}，请换一种方式。",
        "en": "This is below the channel's least amount {least_amount}; use another way to pay.",
    },
    "routing.out_of_hours": {
        "zh": "不在渠道服务时间 {opens}–{closes} 内，请换一种方式。",
        "en": "The channel serves from {opens} to {closes}; use another way to pay.",
    },
    "routing.forbidden": {
        "zh": "未选用：规则“{rule}”不允许。",
        "en": "Not eligible: the rule “{rule}” forbids it.",
    },
    "routing.not_contracted": {
        "zh": "未选用：商户没有生效的渠道合同。",
        "en": "Not eligible: the merchant has no contract for it in force.",
    },
    "routing.uncounted": {
        "zh": "未选用：有日限额，但当天金额没有统计。",
        "en": "Not eligible: there is a limit per day, and nobody counted the day's payments.",
    },
    "routing.only_one": {
        "zh": "只有这个渠道可用。",
        "en": "It was the only eligible channel.",
    },
    "routing.preferred": {
        "zh": "规则“{rule}”优先选用。",
        "en": "Preferred by the rule “{rule}”.",
    },
    "routing.cheapest": {
        "zh": "成本最低：{cost_amount}，次低 {next_amount}。",
        "en": "Cheapest: it costs {cost_amount}, the next one {next_amount}.",
    },
    "routing.steadiest": {
        "zh": "成本相同，近期最稳定：成功率约 {percent}%。",
        "en": "As cheap, and steadiest of late: about {percent} % of payments answered.",
    },
    "routing.soonest": {
        "zh": "成本与稳定性相同，结算最快：T+{days}。",
        "en": "As cheap and steady, and settled soonest: T+{days}.",
    },
    "routing.by_name": {
        "zh": "各项条件相同，按名称顺序选用。",
        "en": "All else being equal, it comes first by name.",
    },
    "routing.by_contract": {
        "zh": "按合同费率 {rate}。",
        "en": "By contract, at a rate of {rate}.",
    },
    "routing.plan_malformed": {
        "zh": "{file} 第 {line} 行 {field} 有误（{why}），请改正后再试。",
        "en": "{file}, line {line}: {field} is not right ({why}); correct it and try again.",
    },
    "routing.without_contract": {
        "zh": "商户没有渠道合同，按零费率使用机构的渠道。",
        "en": "The merchant has no contracts: the organisation's channels serve it at rate 0.",
    },
}
