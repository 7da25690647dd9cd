import QtQuick
import theme
import controls

// A button on the dark bar.
Press {
    id: button
    property string text: ""
    property string icon: ""
    width: Math.max(Theme.target, words.implicitWidth + Theme.gap)
    Accessible.role: Accessible.Button
    Accessible.name: text
    Rectangle {
        anchors { fill: parent; topMargin: Theme.gapTiny; bottomMargin: Theme.gapTiny }
        radius: Theme.radiusSmall
        color: Qt.alpha(Theme.brandInk, button.isDown ? 0.3 : 0.12)
    }
    Label {
        id: words
        anchors.centerIn: parent
        text: button.text
        isStrong: true
        color: Theme.brandInk
        wrapMode: Text.NoWrap
    }
    Icon {
        anchors.centerIn: parent
        visible: button.icon !== ""
        name: button.icon
        size: Theme.title
        color: Theme.brandInk
    }
}
