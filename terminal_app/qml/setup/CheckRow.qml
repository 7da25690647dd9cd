import QtQuick
import theme
import controls

// One device: what to do, how it stands, and what can be pressed.
Card {
    id: row
    required property var view
    required property string key
    required property string name
    required property string icon
    required property string state
    required property string stateText
    required property string detail
    readonly property bool isOk: state === "ok"
    readonly property bool isOpen: state === "waiting" || state === "failed" || state === "lost"
    readonly property bool isWrong: state === "failed" || state === "lost"
    kind: isOk ? "good" : isWrong ? "warn" : "surface"
    height: Math.max(Theme.target, words.implicitHeight) + Theme.gap
    opacity: state === "skipped" ? 0.75 : 1

    Icon {
        id: sign
        anchors { left: parent.left; leftMargin: Theme.gap; verticalCenter: parent.verticalCenter }
        name: row.icon
        size: Theme.heading
        color: row.isOk ? Theme.good : row.isWrong ? Theme.warn : Theme.brand
    }
    Column {
        id: words
        anchors {
            left: sign.right; leftMargin: Theme.gap; right: tools.left; rightMargin: Theme.gap
            verticalCenter: parent.verticalCenter
        }
        Label { width: parent.width; text: row.name; size: Theme.label; isStrong: true }
        Label {
            width: parent.width
            visible: text !== ""
            text: row.detail
            size: Theme.small
            color: row.isWrong ? Theme.warn : Theme.inkSoft
        }
    }
    Row {
        id: tools
        anchors { right: parent.right; rightMargin: Theme.gap; verticalCenter: parent.verticalCenter }
        spacing: Theme.gapSmall
        Button {
            objectName: "print_page"
            visible: row.key === "print"
            text: row.view.words.checkPrint
            icon: "printer"
            size: Theme.body
            onPressed: row.view.act.tryPrint()
        }
        Button {
            objectName: "play"
            visible: row.key === "sound"
            text: row.view.words.checkPlay
            icon: "play"
            size: Theme.body
            onPressed: row.view.act.trySound()
        }
        Button {
            objectName: "heard"
            visible: row.key === "sound" && row.isOpen
            text: row.view.words.checkHeard
            kind: "brand"
            size: Theme.body
            onPressed: row.view.act.heard()
        }
        Button {
            objectName: "skip_" + row.key
            visible: row.isOpen
            text: row.view.words.checkSkip
            kind: "quiet"
            size: Theme.body
            onPressed: row.view.act.skip(row.key)
        }
        Chip {
            anchors.verticalCenter: parent.verticalCenter
            kind: row.isOk ? "good" : row.isWrong ? "warn" : "plain"
            icon: row.isOk ? "check" : row.isWrong ? "alert" : row.state === "skipped" ? "cross" : "clock"
            text: row.stateText
        }
    }
}
