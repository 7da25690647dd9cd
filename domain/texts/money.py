"""Texts: payments, refunds, codes, amounts, wallets, limits and channels."""

from domain.texts.text import Text

TEXTS: dict[str, Text] = {
    "amounts.malformed": {
        "zh": "金额不对，请输入如 12.50 的数字。",
        "en": "This is not an amount; type a number like 12.50.",
    },
    "amounts.out_of_range": {
        "zh": "金额超出允许范围，请核对后重新输入。",
        "en": "The amount is out of range; check it and type it again.",
    },
    "lines.none": {
        "zh": "订单里没有商品，请先输入金额或选择菜品。",
        "en": "The order is empty; type an amount or choose a dish first.",
    },
    "lines.bad_quantity": {
        "zh": "数量必须大于 0，请重新输入。",
        "en": "A quantity must be above 0; type it again.",
    },
    "prices.none": {
        "zh": "该类人员在本餐次没有价格，请管理员设置价格。",
        "en": "No price is set for this category at this meal; ask an administrator to set one.",
    },
    "prices.needs_reason": {
        "zh": "立即生效的价格要写明原因；否则从下一餐起生效。",
        "en": "A price that holds at once needs a reason; leave the time empty for the next meal.",
    },
    "prices.changed": {
        "zh": "价格已变为 {total_amount}，请与顾客确认后再收款。",
        "en": "The price is now {total_amount}; confirm it with the diner, then charge.",
    },
    "periods.malformed": {
        "zh": "餐次时间不对，请按 11:00 这样填写，起止不能相同。",
        "en": "Meal times look like 11:00, and start and end differ.",
    },
    "periods.overlap": {
        "zh": "餐次“{first}”与“{second}”时间重叠，请修改其中一个。",
        "en": "Meal periods “{first}” and “{second}” overlap; change one of them.",
    },
    "periods.repeated": {
        "zh": "餐次编号重复，请改为不同的编号。",
        "en": "Two meal periods share a code; give each its own.",
    },
    "entitlements.used": {
        "zh": "本餐次的份数已用完，请改用其他方式付款或请主管处理。",
        "en": "This meal's portions are used up; take another tender or ask a supervisor.",
    },
    "ids.malformed": {
        "zh": "编号格式不对，请重新扫描或输入。",
        "en": "This is not one of our numbers; scan or type it again.",
    },
    "payments.not_yours": {
        "zh": "这笔付款属于另一台终端，请到原窗口处理。",
        "en": "This payment belongs to another terminal; deal with it there.",
    },
    "payments.not_found": {
        "zh": "没有找到这笔付款，请核对单号。",
        "en": "No such payment; check the number.",
    },
    "payments.key_reused": {
        "zh": "同一单号的内容不同，本次未收款，请重新开单。",
        "en": (
            "This payment number was used for another sale; nothing was charged, start a new sale."
        ),
    },
    "payments.contradiction": {
        "zh": "同一单既有收款又有取消，已转人工核对。",
        "en": "This sale was both accepted and cancelled; a person will look at it.",
    },
    "payments.under_review": {
        "zh": "这笔付款正在人工核对，请勿重复收款。",
        "en": "This payment is under review; do not charge again.",
    },
    "payments.cancelled": {
        "zh": "这笔付款已取消，请重新开单。",
        "en": "This payment was cancelled; start a new sale.",
    },
    "payments.reversing": {
        "zh": "这笔付款正在撤销，结果确定后再处理。",
        "en": "This payment is being reversed; it will be handled once that is definite.",
    },
    "payments.paid_too_late": {
        "zh": "取消之后才付到款，钱已退回付款人；这份餐没有付款。",
        "en": "The money came after the sale was given up and went back; this meal is not paid.",
    },
    "payments.awaiting": {
        "zh": "请顾客在手机上确认付款。",
        "en": "Ask the payer to confirm on the phone.",
    },
    "payments.unknown": {
        "zh": "付款结果尚不明确，系统正在查询，请勿重复收款。",
        "en": "The result is not known yet and is being queried; do not charge again.",
    },
    "payments.declined": {
        "zh": "付款未成功，请换一种方式付款。",
        "en": "The payment was declined; use another way to pay.",
    },
    "payments.overpaid": {
        "zh": "付款超过订单金额，多出的部分会自动退回。",
        "en": "More was paid than ordered; the excess will be returned.",
    },
    "payments.order_total": {
        "zh": "付款合计超过订单金额，请核对。",
        "en": "The payments exceed the order's total; check them.",
    },
    "payments.unbookable": {
        "zh": "记录完整但无法入账，已转人工处理。",
        "en": "The record is authentic but cannot be booked; a person will handle it.",
    },
    "tenders.not_offline": {
        "zh": "网络中断时不能用手机付款码，请刷卡、刷脸或付现金。",
        "en": "Phone payment codes need the network; pay by card, face or cash.",
    },
    "tenders.not_accepted": {
        "zh": "本窗口不收这种付款方式，请换一种。",
        "en": "This counter does not take that way to pay; use another.",
    },
    "tenders.unsupported": {
        "zh": "系统不支持这种付款方式，请换一种。",
        "en": "That way to pay is not supported; use another.",
    },
    "refunds.exceeds_paid": {
        "zh": "退款超过已付金额，请核对后重新输入。",
        "en": "The refund is more than was paid; check the amount.",
    },
    "refunds.nothing_paid": {
        "zh": "这笔付款没有收到钱，无需退款。",
        "en": "Nothing was taken for this payment, so there is nothing to refund.",
    },
    "refunds.waiting": {
        "zh": "退款已收到，等付款结果确定后办理。",
        "en": "The refund is noted and waits until its payment is definite.",
    },
    "refunds.key_reused": {
        "zh": "同一退款号的内容不同，请重新发起退款。",
        "en": "This refund number was used for another refund; start a new one.",
    },
    "refunds.needs_supervisor": {
        "zh": "退款超过限额而没有主管批准，请在后台“挂起记录”中决定是否退款。",
        "en": (
            "The refund is above the limit and no supervisor approved it; decide about it under "
            "“Parked records” in the back office."
        ),
    },
    "refunds.not_offline": {
        "zh": "断网时只能退现金，或撤销本班次的钱包付款。",
        "en": "Offline, only cash refunds and undoing this shift's wallet sales are possible.",
    },
    "refunds.needs_server": {
        "zh": "断网时不能按单号退款，请等网络恢复，小票请顾客留好。",
        "en": "A sale is found and refunded with the network only; wait, and keep the receipt.",
    },
    "refunds.more_than_left": {
        "zh": "这笔最多还能退 {left_amount}，请改小金额。",
        "en": "At most {left_amount} of this sale is left to refund; enter less.",
    },
    "refunds.whole_only": {
        "zh": "这笔是一份餐，只能整笔退。",
        "en": "This sale is a meal; it is refunded whole.",
    },
    "sales.not_a_number": {
        "zh": "这不是小票单号，请输入小票上的 14 位数字，或扫小票上的码。",
        "en": "This is no sale number; type the 14 digits of the receipt, or scan its code.",
    },
    "refunds.unsupported": {
        "zh": "这种付款方式不能这样退款，请到后台办理。",
        "en": "This tender cannot be refunded this way; use the back office.",
    },
    "codes.unknown": {
        "zh": "无法识别这个码，请出示付款码。",
        "en": "This is not a payment code; show a payment code.",
    },
    "codes.ambiguous": {
        "zh": "这个码可能属于多个渠道，请收银员选择渠道。",
        "en": "This code could belong to several channels; the cashier chooses one.",
    },
    "codes.expired": {
        "zh": "付款码已过期，请刷新后再出示。",
        "en": "The code has expired; refresh it and show it again.",
    },
    "codes.shown_expired": {
        "zh": "收款码已过期，未收款；可以再次出示。",
        "en": "The code ran out and nothing was paid; it can be shown again.",
    },
    "codes.replayed": {
        "zh": "这个付款码已用过，请刷新后再出示。",
        "en": "This code was used already; refresh it and show it again.",
    },
    "codes.no_issuer": {
        "zh": "尚未建立付款码签发密钥，请管理员先创建。",
        "en": "There is no key to issue wallet codes with; ask an administrator to create one.",
    },
    "codes.foreign": {
        "zh": "这个付款码不是本单位发的，请换一种付款方式。",
        "en": "This code was issued elsewhere; use another way to pay.",
    },
    "codes.malformed": {
        "zh": "付款码不完整，请重新出示。",
        "en": "The code could not be read whole; show it again.",
    },
    "codes.bad_signature": {
        "zh": "付款码未通过验证，请换一种付款方式。",
        "en": "The code failed verification; use another way to pay.",
    },
    "codes.certificate_expired": {
        "zh": "付款码凭证已到期，请联网打开手机页面更新。",
        "en": "The code's certificate has expired; open the phone page online to renew it.",
    },
    "codes.from_the_future": {
        "zh": "手机时间不准，请校准手机时间后再出示。",
        "en": "The phone's clock is ahead; set it right and show the code again.",
    },
    "wallets.insufficient": {
        "zh": "余额不足，请换一种方式付款或先充值。",
        "en": "The balance does not reach; use another way to pay or top up first.",
    },
    "wallets.unknown": {
        "zh": "没有找到这个钱包，请核对人员。",
        "en": "No such wallet; check the person.",
    },
    "wallets.floor_below_zero": {
        "zh": "补贴和餐次不能透支，请改为 0。",
        "en": "Subsidies and meal counts cannot be overdrawn; set the floor to 0.",
    },
    "wallets.debt_limit_too_low": {
        "zh": "欠款限额不能低于现有欠款 {debt_amount}。",
        "en": "The debt limit cannot be below the present debt of {debt_amount}.",
    },
    "limits.per_payment": {
        "zh": "超过单笔限额，请分开付款或请主管处理。",
        "en": "This is above the limit for one payment; split it or ask a supervisor.",
    },
    "limits.per_day": {
        "zh": "超过当日限额，请换一种方式付款。",
        "en": "This is above today's limit; use another way to pay.",
    },
    "limits.second_factor": {
        "zh": "这笔金额需要第二步验证，确认是本人付款。",
        "en": "This sum needs a second step, to confirm who pays.",
    },
    "limits.snapshot_too_old": {
        "zh": "本机数据太旧，需要联网才能收这笔款，请收现金或检查网络。",
        "en": "This counter's data is too old to decide alone; take cash or check the network.",
    },
    "limits.offline_payment": {
        "zh": "超过断网时的单笔限额，请收现金或等待网络恢复。",
        "en": "This is above the offline limit for one payment; take cash or wait for the network.",
    },
    "limits.offline_person": {
        "zh": "此人断网消费已达上限，请收现金或等待网络恢复。",
        "en": "This person has reached the offline limit; take cash or wait for the network.",
    },
    "limits.offline_claim": {
        "zh": "断网时银行代扣已达上限，请收现金或等待网络恢复。",
        "en": "The bank cannot be asked and the offline cap is reached; take cash or wait.",
    },
    "limits.offline_terminal": {
        "zh": "本机断网收款已达上限，请主管输入密码延长一次。",
        "en": "This counter has reached its offline limit; a supervisor's PIN extends it once.",
    },
    "limits.offline_credential": {
        "zh": "超过这个付款码的离线额度，请换一种方式付款。",
        "en": "This is above the code's own offline limit; use another way to pay.",
    },
    "limits.by_number": {
        "zh": "今日按号付款次数已用完，请出示卡或付款码。",
        "en": "Payments by number are used up for today; show a card or a code.",
    },
    "orders.unknown": {
        "zh": "没有这个订单，请重新扫描收银台上的二维码。",
        "en": "There is no such order; scan the code at the counter again.",
    },
    "orders.payer_unknown": {
        "zh": "微信没有告诉我们付款人是谁，请改用扫码付款。",
        "en": "WeChat did not say who pays; pay by scanning the code instead.",
    },
    "orders.expired": {
        "zh": "二维码已过期，请收银员刷新后重新扫描。",
        "en": "The code has expired; ask the cashier for a new one.",
    },
    "orders.being_paid": {
        "zh": "本单正在用另一种方式支付，请完成支付，或请收银员刷新二维码。",
        "en": (
            "This order is being paid another way; finish there, or ask the cashier for a new code."
        ),
    },
    "channels.unavailable": {
        "zh": "支付渠道暂不可用，请稍后再试或换一种方式。",
        "en": "The payment channel is unavailable; try again shortly or use another way.",
    },
    "channels.breaker_open": {
        "zh": "支付渠道连续出错，已暂停使用，请换一种方式付款。",
        "en": "The payment channel keeps failing and is paused; use another way to pay.",
    },
    "channels.none": {
        "zh": "没有可用的支付渠道，请管理员检查渠道设置。",
        "en": "No payment channel fits; ask an administrator to check the channels.",
    },
    "channels.insufficient_funds": {
        "zh": "付款账户余额不足，请换卡或换一种方式。",
        "en": "The payer's account does not reach; use another card or way to pay.",
    },
    "channels.password_needed": {
        "zh": "请顾客在手机上输入密码。",
        "en": "Ask the payer to enter the password on the phone.",
    },
    "channels.code_used": {
        "zh": "付款码已使用，请刷新后再出示。",
        "en": "The code was used already; refresh it and show it again.",
    },
    "cases.closed": {
        "zh": "这个异常已处理完毕，无需再处理。",
        "en": "This case is closed already; nothing is left to do.",
    },
    "cases.needs_two_people": {
        "zh": "需要两个人确认，请另一位授权人员批准。",
        "en": "Two people must agree; ask another authorised person to approve.",
    },
    "ledger.unbalanced": {
        "zh": "分录不平，未入账，请联系技术支持。",
        "en": "The postings do not add up and were not booked; call support.",
    },
    "payments.still_paid": {
        "zh": "这笔付款没有退回，仍为已支付，请到后台办理退款。",
        "en": "The payment was not returned and stays paid; refund it in the back office.",
    },
    "items.unknown": {
        "zh": "没有这个菜品，请重新选择或输入金额。",
        "en": "There is no such item; choose again or type the amount.",
    },
    "top_ups.key_reused": {
        "zh": "这笔充值的编号已用于另一笔，请重新开始一笔。",
        "en": "This id belongs to another top-up; start a new one.",
    },
    "top_ups.amount_out_of_range": {
        "zh": "一次充值须在 ¥0.01 到 ¥1000.00 之间，请改金额。",
        "en": "One top-up is between ¥0.01 and ¥1000.00; change the amount.",
    },
    "top_ups.over_limit": {
        "zh": "充值后余额会超过 ¥5000.00 的上限，请少充一些。",
        "en": "The balance would pass the limit of ¥5000.00; top up less.",
    },
    "top_ups.shift_closed": {
        "zh": "这个班次已结束或不属于本机，请开新班次后再充值。",
        "en": "This shift is closed or not this terminal's; open a new one first.",
    },
    "subsidies.name_missing": {
        "zh": "请给这次补助起一个名字，最多 {limit} 个字。",
        "en": "Give this subsidy a name of at most {limit} characters.",
    },
    "subsidies.name_taken": {
        "zh": "已有名为“{name}”的补助；如果是新的一次，请换一个名字，以免重复发放。",
        "en": "There is a subsidy “{name}” already; name a new one differently.",
    },
    "subsidies.expired": {
        "zh": "截止时间必须晚于现在和开始时间。",
        "en": "Its end must be later than now and than its start.",
    },
    "subsidies.amount_out_of_range": {
        "zh": "每人金额须大于 ¥0.00，且不超过 {limit_amount}。",
        "en": "Each sum is more than ¥0.00 and at most {limit_amount}.",
    },
    "subsidies.not_chosen": {
        "zh": "请先选择要清零的补助。",
        "en": "Choose the subsidy to clear out first.",
    },
    "subsidies.nothing_left": {
        "zh": "这项补助在所选人员中没有可收回的余额。",
        "en": "Nobody chosen has anything left of this subsidy that could go back.",
    },
    "payouts.same_person": {
        "zh": "退款须由另一个人确认。",
        "en": "Somebody else must confirm this refund.",
    },
    "payouts.not_left": {
        "zh": "只有已离开的人才能退清余额。",
        "en": "Only who has left is paid out.",
    },
    "payouts.nothing_left": {
        "zh": "钱包里没有可退的钱。",
        "en": "There is no money left to pay out.",
    },
    "payouts.balance_changed": {
        "zh": "余额已有变动，请重新提出退款。",
        "en": "The balance has changed; propose the refund again.",
    },
    "payouts.decided_already": {
        "zh": "这笔退款已经处理过。",
        "en": "This refund was decided already.",
    },
    "payouts.proposed_already": {
        "zh": "此人已有一笔待确认的退款。",
        "en": "A refund to this person waits for its confirmation already.",
    },
}
