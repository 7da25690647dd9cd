import QtQuick
import theme
import controls
import "../setup"
import "../diner"

// The evidence: strokes of a finger, or the code the guardian was given.
FocusScope {
    id: page
    required property var view
    readonly property var w: view.words
    readonly property bool byCode: view.giver.byCode || false
    focus: true

    function key(name) {
        if (name === "clear")
            view.act.back()
        else if (byCode)
            name === "enter" ? send() : code.key(name)
    }
    function send() {
        if (code.text !== "" && !view.isBusy)
            view.act.code(code.text.toUpperCase())
    }

    Label {
        id: title
        anchors { left: parent.left; right: parent.right; top: parent.top }
        text: page.byCode ? page.w.signCodeTitle : page.w.signTitle
        size: Theme.title
        isStrong: true
    }
    Label {
        id: agreed
        anchors { left: parent.left; right: parent.right; top: title.bottom; topMargin: Theme.gapSmall }
        text: (page.view.giver.isGuardian ? page.view.text.guardian : page.view.text.agree) || ""
        size: Theme.label
        color: Theme.inkSoft
    }
    SignaturePad {
        id: pad
        objectName: "signature"
        visible: !page.byCode
        anchors { left: parent.left; right: parent.right; top: agreed.bottom; bottom: buttons.top; topMargin: Theme.gap; bottomMargin: Theme.gap }
        text: page.w.signHere + "  " + (page.view.giver.name || "")
        isOn: !page.view.isBusy
    }
    Fit {
        visible: page.byCode
        anchors { horizontalCenter: parent.horizontalCenter; top: pad.top; bottom: pad.bottom }
        width: Math.min(parent.width, Theme.px(1150))
        spacing: Theme.gap
        Entry {
            id: code
            objectName: "guardianCode"
            width: parent.width
            title: page.w.signCodeTitle
            isUpper: true
            longest: 40
            focus: page.byCode
            onEntered: page.send()
        }
        Letters {
            width: parent.width
            isOn: !page.view.isBusy
            onKeyed: name => { code.take(); code.key(name) }
        }
    }
    Row {
        id: buttons
        anchors { left: parent.left; right: parent.right; bottom: parent.bottom }
        spacing: Theme.gap
        readonly property real half: (width - spacing) / 2
        Button {
            objectName: "signClear"
            width: buttons.half
            height: Theme.target * 1.15
            icon: "undo"
            text: page.byCode ? page.w.deskBack : page.w.signClear
            isOn: !page.view.isBusy
            onPressed: page.byCode ? page.view.act.back() : pad.clear()
        }
        Button {
            objectName: "signDone"
            width: buttons.half
            height: Theme.target * 1.15
            kind: "brand"
            icon: "check"
            text: page.view.isBusy ? page.w.deskBusy : page.w.signDone
            isOn: !page.view.isBusy && (page.byCode ? code.text !== "" : pad.hasInk)
            onPressed: page.byCode ? page.send() : page.view.act.sign(pad.strokes)
        }
    }
}
