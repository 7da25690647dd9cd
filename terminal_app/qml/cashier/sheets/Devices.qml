import QtQuick
import theme
import controls

// Every device, how it is, and what helps.
Sheet {
    id: sheet
    title: w.devicesTitle
    icon: "camera"
    roomWidth: Theme.px(760)
    Column {
        width: parent.width
        spacing: Theme.gapSmall
        Repeater {
            model: sheet.view.devices
            delegate: Card {
                id: device
                required property string kind
                required property string title
                required property string state
                required property string stateText
                required property string detail
                readonly property bool isReady: state === "ready"
                width: parent.width
                height: Math.max(Theme.target, words.implicitHeight + Theme.gap)
                Icon {
                    id: sign
                    anchors { left: parent.left; leftMargin: Theme.gap; verticalCenter: parent.verticalCenter }
                    name: device.kind === "card_reader" ? "card" : device.kind
                    size: Theme.title
                    color: Theme.inkSoft
                }
                Column {
                    id: words
                    anchors { left: sign.right; leftMargin: Theme.gap; right: chip.left; rightMargin: Theme.gap; verticalCenter: parent.verticalCenter }
                    Label { width: parent.width; text: device.title; isStrong: true }
                    Label {
                        width: parent.width
                        visible: text !== ""
                        text: device.detail
                        size: Theme.small
                        color: Theme.inkSoft
                    }
                }
                Chip {
                    id: chip
                    anchors { right: parent.right; rightMargin: Theme.gap; verticalCenter: parent.verticalCenter }
                    kind: device.isReady ? "good" : "warn"
                    icon: device.isReady ? "check" : "alert"
                    text: device.stateText
                }
            }
        }
        Label {
            objectName: "unclaimed"
            width: parent.width
            visible: sheet.view.unclaimedText !== ""
            text: sheet.w.unclaimed + "\n" + sheet.view.unclaimedText
            size: Theme.small
            color: Theme.inkSoft
            wrapMode: Text.Wrap
            maximumLineCount: 6
            elide: Text.ElideRight
        }
        Notice {
            width: parent.width
            icon: "printer"
            kind: "warn"
            text: sheet.view.printerText
        }
    }
}
