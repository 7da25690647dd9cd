import QtQuick
import theme

// What is being typed on a pad: a title, the digits or their dots, and which field is meant.
Press {
    id: field
    property string title: ""
    property string text: ""
    property bool isSecret: false
    property int secretLength: 0
    property bool isActive: false
    signal chosen()
    implicitHeight: Math.max(Theme.target, words.implicitHeight + Theme.gap)
    height: implicitHeight
    onPressed: chosen()
    Rectangle {
        anchors.fill: parent
        radius: Theme.radiusSmall
        color: Theme.surface
        border.width: field.isActive ? 3 : Theme.stroke
        border.color: field.isActive ? Theme.brand : Theme.line
    }
    Column {
        id: words
        anchors { left: parent.left; right: parent.right; margins: Theme.gap; verticalCenter: parent.verticalCenter }
        spacing: Theme.gapTiny
        Label { text: field.title; size: Theme.small; color: Theme.inkSoft }
        AmountText {
            visible: !field.isSecret
            width: parent.width
            text: field.text + (field.isActive ? "▏" : field.text === "" ? " " : "")
            size: Theme.title
        }
        Item {
            visible: field.isSecret
            width: parent.width
            height: Theme.title * 1.4
            Dots { anchors.verticalCenter: parent.verticalCenter; count: field.secretLength }
        }
    }
}
