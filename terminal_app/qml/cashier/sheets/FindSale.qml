import QtQuick
import theme
import controls
import "../../controls/Money.js" as Money

// A sale of any shift by the number off its receipt: what it was, what is left, and giving it back.
Sheet {
    id: sheet
    title: w.findSale
    icon: "undo"
    roomWidth: Theme.px(860)
    property string number: ""
    property int sum: 0
    property string seen: ""
    readonly property var found: view.finding
    readonly property string step: found.step === undefined ? "ask" : found.step
    readonly property bool isEnd: step === "returned" || step === "refused" || step === "sent"

    Component.onCompleted: view.act.findSale()
    Component.onDestruction: view.act.leaveFound()
    onStepChanged: {
        secret.isOpen = false
        if (step === "found")
            sum = found.left
        if (step === "ask")
            sum = 0
    }
    Connections {
        target: sheet.view
        function onChanged() {
            // The counter left it: somebody is served, or nobody touched it
            if (sheet.seen !== "" && sheet.found.step === undefined)
                sheet.cashier.closeSheet()
            sheet.seen = sheet.found.step === undefined ? "" : sheet.found.step
        }
    }

    function key(name) {
        if (secret.isOpen) secret.take(name)
        else if (name === "clear") cashier.closeSheet()
        else if (step === "ask") keyNumber(name)
        else if (step === "found" && found.mayRefund) keySum(name)
        else if (name === "enter" && isEnd) cashier.closeSheet()
    }
    function keyNumber(name) {
        if (/^[0-9]+$/.test(name) && number.length < 14) number = (number + name).slice(0, 14)
        else if (name === "back") number = number.slice(0, -1)
        else if (name === "enter") view.act.findNumber(number)
    }
    function keySum(name) {
        if (name === "enter") ask()
        else if (found.isWhole) return
        else if (/^[0-9]+$/.test(name)) sum = Money.typed(sum === found.left ? 0 : sum, name)
        else if (name === "back") sum = Money.backspaced(sum)
    }
    function ask() {
        if (sum > 0 && sum <= found.left)
            secret.open()
        else
            view.act.refundFound(sum, "")
    }
    function grouped(digits) {
        return digits.replace(/(.{4})(?=.)/g, "$1 ")
    }

    Row {
        id: body
        width: parent.width
        spacing: Theme.gapLarge
        visible: !secret.isOpen
        Column {
            width: pad.visible ? parent.width - pad.width - parent.spacing : parent.width
            spacing: Theme.gap
            Label {
                width: parent.width
                visible: sheet.step === "ask"
                text: sheet.w.findText
                size: Theme.label
                color: Theme.inkSoft
            }
            Field {
                width: parent.width
                visible: sheet.step === "ask"
                title: sheet.w.findNumber
                text: sheet.grouped(sheet.number)
                isActive: true
            }
            Label { visible: sheet.step === "looking"; text: sheet.w.findLooking; size: Theme.label }
            Spinner { visible: sheet.step === "looking" || sheet.step === "sent" }

            // What it was
            Card {
                width: parent.width
                visible: sheet.found.totalText !== undefined
                height: what.implicitHeight + 2 * Theme.gap
                Column {
                    id: what
                    anchors { left: parent.left; right: parent.right; top: parent.top; margins: Theme.gap }
                    spacing: Theme.gapSmall
                    Label { width: parent.width; text: (sheet.found.label || "") + "  " + (sheet.found.name || ""); isStrong: true }
                    Label { width: parent.width; text: (sheet.found.way || "") + "  ·  " + (sheet.found.number || ""); color: Theme.inkSoft; size: Theme.body }
                    Label { width: parent.width; text: sheet.w.findPaid + "  " + (sheet.found.totalText || "") + (sheet.found.backText ? "  ·  " + sheet.w.findBack.arg(sheet.found.backText) : "") }
                }
            }
            Notice {
                width: parent.width
                visible: sheet.step === "found" && !sheet.found.mayRefund
                kind: "warn"
                icon: "alert"
                text: sheet.step === "found" && !sheet.found.mayRefund ? sheet.w.findNothingLeft : ""
            }
            Label {
                width: parent.width
                visible: sheet.step === "found" && sheet.found.mayRefund
                text: sheet.found.isWhole ? sheet.w.findWhole : sheet.w.findLeft.arg(sheet.found.leftText || "")
                color: Theme.inkSoft
            }
            AmountText {
                objectName: "refundSum"
                width: parent.width
                visible: sheet.step === "found" && sheet.found.mayRefund
                text: Money.written(sheet.sum)
                size: Theme.display
            }
            Notice {
                width: parent.width
                kind: sheet.step === "refused" ? "bad" : sheet.step === "returned" ? "good" : "warn"
                icon: sheet.step === "refused" ? "alert" : sheet.step === "returned" ? "check" : "sync"
                text: sheet.step === "refused" ? sheet.w.findRefused + "  " + sheet.found.codeText
                    : sheet.step === "returned" ? sheet.w.findReturned + "  " + sheet.found.amountText
                    : sheet.step === "sent" ? sheet.w.findSent + "  " + sheet.found.amountText : ""
            }
            Label {
                width: parent.width
                visible: sheet.step === "sent" || sheet.step === "returned"
                text: sheet.found.isCash ? sheet.w.findHandCash
                    : sheet.step === "sent" ? sheet.w.findSentText : sheet.w.findSameWay
                color: Theme.inkSoft
            }
            Button {
                objectName: "printFound"
                width: parent.width
                visible: sheet.step === "found" || sheet.step === "returned"
                icon: "printer"
                text: sheet.w.findCopy
                onPressed: sheet.view.act.printFound()
            }
            Button {
                objectName: "closeFound"
                width: parent.width
                visible: sheet.isEnd
                kind: "brand"
                hint: "Enter"
                text: sheet.w.close
                onPressed: sheet.cashier.closeSheet()
            }
        }
        Pad {
            id: pad
            visible: sheet.step === "ask" || (sheet.step === "found" && sheet.found.mayRefund)
            width: Math.max(implicitWidth, Theme.px(400))
            height: Math.max(implicitHeight, Theme.px(360))
            enterText: sheet.step === "ask" ? sheet.w.findLook : sheet.w.refund
            onKeyed: name => sheet.key(name)
        }
    }

    // The PIN stands in the sheet's own room: the sale stays found behind it
    Column {
        id: secret
        property bool isOpen: false
        property string typed: ""
        visible: isOpen
        width: parent.width
        spacing: Theme.gap
        function open() { typed = ""; isOpen = true }
        function take(name) {
            if (/^[0-9]+$/.test(name) && typed.length < 12) typed += name
            else if (name === "back") typed = typed.slice(0, -1)
            else if (name === "clear") isOpen = false
            else if (name === "enter" && typed !== "") {
                const pin = typed
                typed = ""
                sheet.view.act.refundFound(sheet.sum, pin)
            }
        }
        Label {
            width: parent.width
            text: (sheet.sum > (sheet.found.free || 0) ? sheet.w.undoSupervisorTitle : sheet.w.undoPinTitle)
                + "  " + Money.written(sheet.sum)
            horizontalAlignment: Text.AlignHCenter
            isStrong: true
        }
        Dots { anchors.horizontalCenter: parent.horizontalCenter; count: secret.typed.length }
        Pad {
            anchors.horizontalCenter: parent.horizontalCenter
            width: Math.max(implicitWidth, Theme.px(480))
            height: Math.max(implicitHeight, Theme.px(340))
            onKeyed: name => secret.take(name)
        }
    }
}
