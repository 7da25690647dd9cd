import QtQuick
import theme
import controls

// The head of a page: icon and words in the state's colour.
Row {
    id: heading
    property string icon: ""
    property string text: ""
    property string kind: "brand"
    property int size: Theme.heading
    // How wide all of it may become; the words shrink before they are cut
    property real room: -1
    spacing: Theme.gap
    Rectangle {
        visible: heading.icon !== ""
        width: heading.size * 1.5
        height: width
        radius: width / 2
        color: Theme.soft(heading.kind)
        border.width: Theme.isHighContrast ? 2 : 0
        border.color: Theme.strong(heading.kind)
        Icon {
            anchors.centerIn: parent
            name: heading.icon
            size: heading.size * 0.9
            color: Theme.strong(heading.kind)
        }
    }
    Label {
        anchors.verticalCenter: parent.verticalCenter
        text: heading.text
        size: heading.size
        isStrong: true
        color: Theme.ink
        wrapMode: Text.NoWrap
        width: heading.room < 0 ? implicitWidth : Math.min(implicitWidth, heading.room - heading.size * 1.5 - heading.spacing)
        fontSizeMode: Text.HorizontalFit
        minimumPixelSize: Theme.small
        elide: Text.ElideRight
    }
}
