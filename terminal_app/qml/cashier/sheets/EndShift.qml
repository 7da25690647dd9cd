import QtQuick
import theme
import controls
import "../pages"
import "../../controls/Money.js" as Money

// End of a shift: cash is counted before the books say what should be there; what waits is said.
Sheet {
    id: sheet
    title: w.endShiftTitle
    icon: "day"
    roomWidth: Theme.px(820)
    property int counted: 0
    property bool isTyped: false
    readonly property bool isQueueAsked: view.refusalCode === "shifts.queue_not_empty" || isHeld
    property bool isHeld: false

    function key(name) {
        if (/^[0-9]+$/.test(name)) { counted = Money.typed(counted, name); isTyped = true }
        else if (name === "back") counted = Money.backspaced(counted)
        else if (name === "clear") cashier.closeSheet()
        else if (name === "enter") view.act.close(counted, false)
    }
    onIsQueueAskedChanged: if (isQueueAsked) isHeld = true

    Row {
        width: parent.width
        spacing: Theme.gapLarge
        Column {
            width: parent.width - pad.width - parent.spacing
            spacing: Theme.gap
            Label { text: sheet.w.counted; size: Theme.label; color: Theme.inkSoft }
            AmountText {
                objectName: "counted"
                width: parent.width
                text: Money.written(sheet.counted)
                size: Theme.display
            }
            Line { title: sheet.w.float; value: sheet.view.floatText }
            Notice {
                width: parent.width
                icon: "alert"
                kind: "warn"
                text: sheet.view.waitingCount > 0
                    ? sheet.w.waitingLine.arg(sheet.view.waitingCount).arg(sheet.view.waitingText) : ""
            }
            Button {
                objectName: "syncNow"
                width: parent.width
                visible: sheet.view.waitingCount > 0
                icon: "sync"
                text: sheet.w.syncNow
                onPressed: sheet.view.act.syncNow()
            }
            Button {
                objectName: "endAnyway"
                width: parent.width
                visible: sheet.isQueueAsked && sheet.view.waitingCount > 0
                kind: "warn"
                icon: "alert"
                text: sheet.w.endShiftAnyway.arg(sheet.view.waitingCount)
                onPressed: sheet.view.act.close(sheet.counted, true)
            }
        }
        Pad {
            id: pad
            width: Math.max(implicitWidth, Theme.px(400))
            height: Math.max(implicitHeight, Theme.px(360))
            enterText: sheet.w.endShiftNow
            onKeyed: name => sheet.key(name)
        }
    }
}
