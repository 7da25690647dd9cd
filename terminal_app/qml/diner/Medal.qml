import QtQuick
import theme
import controls

// The picture of a state: an icon on a disc, large enough for the end of the line.
Rectangle {
    id: medal
    property string icon: ""
    property real size: Theme.px(200)
    property color ground: Theme.brandSoft
    property color front: Theme.brand
    property real weight: 1.9
    implicitWidth: size
    implicitHeight: size
    radius: size / 2
    color: ground
    Icon {
        anchors.centerIn: parent
        name: medal.icon
        size: medal.size * 0.56
        weight: medal.weight
        color: medal.front
    }
}
