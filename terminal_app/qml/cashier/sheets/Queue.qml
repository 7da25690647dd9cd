import QtQuick
import theme
import controls

// The wire: what waits, how far this counter may go alone, and "sync now".
Sheet {
    id: sheet
    title: w.queueTitle
    icon: view.isServerThere ? "wifi" : "offline"
    roomWidth: Theme.px(680)
    function key(name) {
        if (name === "clear") cashier.closeSheet()
        else if (name === "enter") view.act.syncNow()
    }

    Column {
        width: parent.width
        spacing: Theme.gap
        Notice {
            width: parent.width
            kind: sheet.view.isServerThere ? "good" : "warn"
            icon: sheet.view.isServerThere ? "check" : "alert"
            text: sheet.view.isServerThere ? sheet.w.online : sheet.w.offline + " · " + sheet.w.offlineText
        }
        AmountText {
            visible: sheet.view.waitingCount > 0
            text: sheet.view.waitingText
            size: Theme.display
        }
        Label {
            width: parent.width
            text: sheet.view.waitingCount > 0
                ? sheet.w.waitingLine.arg(sheet.view.waitingCount).arg(sheet.view.waitingText)
                : sheet.w.allSent
            size: Theme.label
        }
        Label {
            width: parent.width
            visible: !sheet.view.isServerThere && sheet.view.leftCount >= 0
            text: sheet.w.salesLeft.arg(sheet.view.leftCount)
            color: sheet.view.isCapNear ? Theme.warn : Theme.inkSoft
            isStrong: sheet.view.isCapNear
        }
        Notice {
            width: parent.width
            kind: "bad"
            icon: "alert"
            text: sheet.view.rejectedCount > 0 ? sheet.w.rejected.arg(sheet.view.rejectedCount) : ""
        }
        Button {
            objectName: "syncNow"
            width: parent.width
            kind: "brand"
            icon: "sync"
            hint: "Enter"
            text: sheet.w.syncNow
            onPressed: sheet.view.act.syncNow()
        }
        Button {
            objectName: "extend"
            width: parent.width
            visible: !sheet.view.isServerThere && sheet.view.mayExtend && sheet.view.isCapNear
            icon: "key"
            text: sheet.w.extendCaps
            onPressed: sheet.cashier.askSupervisor(sheet.w.salesLeft.arg(sheet.view.leftCount),
                pin => sheet.view.act.extend(pin))
        }
    }
}
