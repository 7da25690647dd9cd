import QtQuick
import theme
import controls

// Pay by number: the number, then the person's own PIN, or the operator's reason.
Sheet {
    id: sheet
    title: w.numberTitle
    icon: "person"
    roomWidth: Theme.px(860)
    property string number: ""
    property string pin: ""
    property bool isPin: false
    readonly property var reasons: ["phone_empty", "card_forgotten", "card_broken", "pin_forgotten"]

    function key(name) {
        if (/^[0-9]+$/.test(name)) type(name)
        else if (name === "back") back()
        else if (name === "tab" && number !== "") isPin = !isPin
        else if (name === "clear") cashier.closeSheet()
        else if (name === "enter") enter()
    }
    function type(digits) {
        if (isPin && pin.length < 12) pin += digits
        else if (!isPin && number.length < 20) number += digits
    }
    function back() {
        if (isPin && pin === "") isPin = false
        else if (isPin) pin = pin.slice(0, -1)
        else number = number.slice(0, -1)
    }
    function enter() {
        if (!isPin && number !== "") isPin = true
        else if (isPin && pin !== "") send("")
    }
    function send(reason) {
        if (number === "")
            return
        view.act.byNumber(number, reason === "" ? pin : "", reason)
        cashier.closeSheet()
    }

    Row {
        width: parent.width
        spacing: Theme.gapLarge
        Column {
            width: parent.width - pad.width - parent.spacing
            spacing: Theme.gapSmall
            Field {
                width: parent.width
                title: sheet.w.numberLabel
                text: sheet.number
                isActive: !sheet.isPin
                onChosen: sheet.isPin = false
            }
            Field {
                width: parent.width
                title: sheet.w.numberPin
                secretLength: sheet.pin.length
                isSecret: true
                isActive: sheet.isPin
                onChosen: if (sheet.number !== "") sheet.isPin = true
            }
            Label { width: parent.width; text: sheet.w.numberReason; size: Theme.small; color: Theme.inkSoft }
            Grid {
                width: parent.width
                columns: 2
                spacing: Theme.gapSmall
                Repeater {
                    model: sheet.reasons
                    Button {
                        required property string modelData
                        objectName: "reason_" + modelData
                        width: (parent.width - Theme.gapSmall) / 2
                        size: Theme.body
                        isOn: sheet.number !== ""
                        text: sheet.w["reason_" + modelData]
                        onPressed: sheet.send(modelData)
                    }
                }
            }
        }
        Pad {
            id: pad
            width: Math.max(implicitWidth, Theme.px(390))
            height: Math.max(implicitHeight, Theme.px(360))
            enterText: sheet.isPin ? sheet.w.pay : ""
            enterIcon: "next"
            onKeyed: name => sheet.key(name)
        }
    }
}
