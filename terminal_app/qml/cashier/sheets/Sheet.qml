import QtQuick
import theme
import controls

// A card over the page with a title and a way out; its content goes below.
Card {
    id: sheet
    required property var view
    required property var cashier
    property string title: ""
    property string icon: ""
    property string kind2: "brand"
    default property alias content: room.data
    readonly property var w: view.words
    property real roomWidth: Theme.px(720)
    // Low glass, or large print on it: content goes beside instead of below
    readonly property bool isLow: cashier.height < Theme.target * 13 * Theme.printFactor

    implicitWidth: roomWidth + 2 * Theme.gapLarge
    implicitHeight: head.height + room.childrenRect.height + 3 * Theme.gapLarge
    function key(name) {
        if (name === "clear")
            cashier.closeSheet()
    }

    MouseArea { anchors.fill: parent }
    Item {
        id: head
        anchors { left: parent.left; right: parent.right; top: parent.top; margins: Theme.gapLarge }
        height: Math.max(Theme.target, words.implicitHeight)
        Icon {
            id: sign
            anchors { left: parent.left; verticalCenter: parent.verticalCenter }
            visible: sheet.icon !== ""
            width: visible ? size : 0
            name: sheet.icon
            size: Theme.heading
            color: Theme.brand
        }
        Label {
            id: words
            anchors {
                left: sign.right; leftMargin: sign.visible ? Theme.gap : 0
                right: out.left; rightMargin: Theme.gap; verticalCenter: parent.verticalCenter
            }
            text: sheet.title
            size: Theme.title
            isStrong: true
        }
        Key {
            id: out
            objectName: "closeSheet"
            anchors { right: parent.right; verticalCenter: parent.verticalCenter }
            width: Theme.target; height: Theme.target
            icon: "cross"
            kind: "soft"
            onPressed: sheet.cashier.closeSheet()
        }
    }
    Item {
        id: room
        anchors { left: parent.left; right: parent.right; top: head.bottom; bottom: parent.bottom; margins: Theme.gapLarge }
    }
}
