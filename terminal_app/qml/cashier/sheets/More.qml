import QtQuick
import theme
import controls

// What is needed a few times a day.
Sheet {
    id: sheet
    title: w.more
    icon: "menu"
    roomWidth: Theme.px(isLow ? 1080 : 720)
    function leave() {
        cashier.closeSheet()
        view.act.leavePractice()
    }

    Grid {
        id: grid
        width: parent.width
        columns: sheet.isLow ? 3 : 2
        spacing: Theme.gap
        readonly property real share: (width - (columns - 1) * spacing) / columns
        component Entry: Button {
            width: grid.share
            height: Theme.target * 1.25
        }
        Entry {
            objectName: "endShift"
            icon: "day"; text: sheet.w.endShift
            isOn: sheet.view.isShiftOpen
            onPressed: sheet.cashier.openSheet("EndShift")
        }
        Entry {
            objectName: "lock"
            icon: "lock"; text: sheet.w.lockNow
            onPressed: { sheet.cashier.closeSheet(); sheet.view.act.lock() }
        }
        Entry {
            objectName: "practise"
            icon: sheet.view.isPractice ? "stop" : "play"
            text: sheet.view.isPractice ? sheet.w.leavePractice : sheet.w.practise
            isOn: sheet.view.isPractice || sheet.view.mayPractise
            onPressed: sheet.view.isPractice ? sheet.leave() : sheet.cashier.askPractice()
        }
        Entry {
            objectName: "cashMove"
            icon: "drawer"; text: sheet.w.cashMove
            isOn: sheet.view.isShiftOpen
            onPressed: sheet.cashier.openSheet("CashMove")
        }
        Entry {
            objectName: "topUp"
            icon: "plus"; text: sheet.w.topUp
            isOn: sheet.view.mayTopUp
            onPressed: { sheet.cashier.closeSheet(); sheet.view.act.topUp() }
        }
        Entry {
            objectName: "reprint"
            icon: "printer"; text: sheet.w.reprint
            isOn: sheet.view.newest.key !== undefined
            onPressed: { sheet.view.act.reprint(sheet.view.newest.key); sheet.cashier.closeSheet() }
        }
        Entry {
            objectName: "findSale"
            icon: "undo"; text: sheet.w.findSale
            isOn: sheet.view.mayFind
            onPressed: sheet.cashier.openSheet("FindSale")
        }
        Entry { objectName: "devicesEntry"; icon: "camera"; text: sheet.w.devicesTitle; onPressed: sheet.cashier.openSheet("Devices") }
        Entry { icon: "sync"; text: sheet.w.queueTitle; onPressed: sheet.cashier.openSheet("Queue") }
        Entry {
            objectName: "largePrint"
            icon: "eye"; text: sheet.w.largePrint
            kind: Theme.isLargePrint ? "brand" : "plain"
            onPressed: sheet.cashier.printAsked()
        }
        Entry {
            objectName: "contrast"
            icon: "eye"; text: sheet.w.contrast
            kind: Theme.isHighContrast ? "brand" : "plain"
            onPressed: sheet.cashier.contrastAsked()
        }
        Entry { icon: "number"; text: sheet.w.keysTitle; onPressed: sheet.cashier.openSheet("Keys") }
    }
}
