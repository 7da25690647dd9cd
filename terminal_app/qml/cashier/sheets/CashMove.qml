import QtQuick
import theme
import controls
import "../../controls/Money.js" as Money

// Cash put into or taken from the drawer, by a supervisor's PIN.
Sheet {
    id: sheet
    title: w.cashMove
    icon: "drawer"
    roomWidth: Theme.px(780)
    property int sum: 0
    property bool isOut: true
    function key(name) {
        if (/^[0-9]+$/.test(name)) sum = Money.typed(sum, name)
        else if (name === "back") sum = Money.backspaced(sum)
        else if (name === "tab" || name === "plus" || name === "number") isOut = !isOut
        else if (name === "clear") cashier.closeSheet()
        else if (name === "enter" && sum > 0) ask()
    }
    function ask() {
        const amount = isOut ? -sum : sum
        const view = sheet.view
        cashier.askSupervisor((isOut ? w.cashOut : w.cashIn) + "  " + Money.written(sum),
            pin => view.act.moveCash(amount, amount < 0 ? "cash_out" : "cash_in", pin))
    }
    Row {
        width: parent.width
        spacing: Theme.gapLarge
        Column {
            width: parent.width - pad.width - parent.spacing
            spacing: Theme.gap
            Button {
                width: parent.width
                icon: "next"; text: sheet.w.cashOut
                kind: sheet.isOut ? "brand" : "plain"
                onPressed: sheet.isOut = true
            }
            Button {
                width: parent.width
                icon: "back"; text: sheet.w.cashIn
                kind: sheet.isOut ? "plain" : "brand"
                onPressed: sheet.isOut = false
            }
            AmountText { width: parent.width; text: Money.written(sheet.sum); size: Theme.display }
        }
        Pad {
            id: pad
            width: Math.max(implicitWidth, Theme.px(400))
            height: Math.max(implicitHeight, Theme.px(340))
            enterIcon: "next"
            onKeyed: name => sheet.key(name)
        }
    }
}
