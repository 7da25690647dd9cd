import QtQuick
import theme
import controls

// A name on the left, its value on the right.
Item {
    id: line
    property string title: ""
    property string value: ""
    property string icon: ""
    property string kind: ""
    property bool isStrong: false
    property int size: Theme.body
    width: parent ? parent.width : 0
    implicitHeight: Math.max(name.implicitHeight, worth.implicitHeight)
    height: implicitHeight
    Label {
        id: name
        text: line.title
        size: line.size
        color: Theme.inkSoft
        width: parent.width - worth.width - sign.width - 2 * Theme.gapSmall
        anchors.verticalCenter: parent.verticalCenter
    }
    Icon {
        id: sign
        visible: line.icon !== ""
        width: visible ? size : 0
        name: line.icon
        size: line.size * 1.2
        color: Theme.strong(line.kind)
        anchors { right: worth.left; rightMargin: Theme.gapSmall; verticalCenter: parent.verticalCenter }
    }
    AmountText {
        id: worth
        text: line.value
        size: line.isStrong ? Math.round(line.size * 1.3) : line.size
        width: Math.min(implicitWidth, line.width * 0.65)
        horizontalAlignment: Text.AlignRight
        color: line.kind === "" ? Theme.ink : Theme.strong(line.kind)
        anchors { right: parent.right; verticalCenter: parent.verticalCenter }
    }
}
