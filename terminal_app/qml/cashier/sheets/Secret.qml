import QtQuick
import theme
import controls

// A PIN for one action. It stays while the PIN is wrong; `run` gets what was typed.
Sheet {
    id: sheet
    property string detail: ""
    property var run: null
    property string typed: ""
    property bool isSent: false
    icon: "key"
    roomWidth: Math.max(pad.implicitWidth, Theme.px(480))

    function key(name) {
        if (/^[0-9]+$/.test(name) && typed.length < 12) typed += name
        else if (name === "back") typed = typed.slice(0, -1)
        else if (name === "clear") cashier.closeSheet()
        else if (name === "enter" && typed !== "") send()
    }
    function send() {
        const pin = typed
        typed = ""
        isSent = true
        run(pin)
    }
    Connections {
        target: sheet.view
        function onChanged() {
            if (sheet.isSent && sheet.view.refusalCode === "")
                sheet.cashier.closeSheet()
            sheet.isSent = false
        }
    }

    Column {
        width: parent.width
        spacing: Theme.gap
        Label {
            width: parent.width
            text: sheet.detail
            size: Theme.label
            color: Theme.inkSoft
            horizontalAlignment: Text.AlignHCenter
        }
        Dots { anchors.horizontalCenter: parent.horizontalCenter; count: sheet.typed.length }
        Pad {
            id: pad
            width: parent.width
            height: Math.max(implicitHeight, Theme.px(340))
            onKeyed: name => sheet.key(name)
        }
    }
}
