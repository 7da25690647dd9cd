import QtQuick
import theme
import controls
import "../pages"
import "../../controls/Money.js" as Money

// Cash: what was handed over, and the change, before the drawer opens.
Sheet {
    id: sheet
    title: w.cashTitle
    icon: "cash"
    roomWidth: Theme.px(820)
    property int given: 0
    readonly property int due: dueNow()
    readonly property int change: given - due

    // A standing price is known per category only; then the counter says what is missing
    function dueNow() { return view.hasAmount ? view.amount : view.guestAmount }
    function key(name) {
        if (/^[0-9]+$/.test(name)) given = Money.typed(given, name)
        else if (name === "back") given = Money.backspaced(given)
        else if (name === "clear" && given > 0) given = 0
        else if (name === "clear") cashier.closeSheet()
        else if (name === "enter") take(given)
    }
    function take(amount) {
        if (amount > 0 && amount < due)
            return
        view.act.cash(amount)
        cashier.closeSheet()
    }
    // Notes that a diner is likely to hand over
    readonly property var notes: {
        const steps = [500, 1000, 2000, 5000, 10000].filter(step => due % step !== 0)
        const round = steps.map(step => Math.ceil(due / step) * step)
        return [...new Set(round)].sort((a, b) => a - b).slice(0, 3)
    }

    Row {
        width: parent.width
        spacing: Theme.gapLarge
        Column {
            width: parent.width - pad.width - parent.spacing
            spacing: Theme.gap
            Line { title: sheet.w.due; value: Money.written(sheet.due); size: Theme.label; isStrong: true }
            Line { title: sheet.w.given; value: Money.written(sheet.given); size: Theme.label; isStrong: true }
            Rectangle { width: parent.width; height: Theme.stroke; color: Theme.line }
            Label {
                text: sheet.given === 0 || sheet.change >= 0 ? sheet.w.change : sheet.w.missing
                size: Theme.label
                color: Theme.inkSoft
            }
            AmountText {
                objectName: "change"
                width: parent.width
                text: Money.written(sheet.given === 0 ? 0 : Math.abs(sheet.change))
                size: Theme.display
                color: sheet.given > 0 && sheet.change < 0 ? Theme.bad : Theme.good
            }
            Flow {
                width: parent.width
                spacing: Theme.gapSmall
                Button {
                    objectName: "exact"
                    width: (parent.width - Theme.gapSmall) / 2
                    icon: "check"
                    text: sheet.w.exact
                    onPressed: sheet.take(0)
                }
                Repeater {
                    model: sheet.notes
                    Button {
                        required property int modelData
                        width: (parent.width - Theme.gapSmall) / 2
                        text: Money.written(modelData).replace(".00", "")
                        onPressed: sheet.given = modelData
                    }
                }
            }
        }
        Pad {
            id: pad
            width: Math.max(implicitWidth, Theme.px(400))
            height: Math.max(implicitHeight, Theme.px(360))
            enterText: sheet.w.pay
            onKeyed: name => sheet.key(name)
        }
    }
}
