import QtQuick
import theme

// Something is being asked. It turns in steps: a software painter has other things to do.
Item {
    id: spinner
    property color color: Theme.brand
    property bool isRunning: visible
    implicitWidth: Theme.display
    implicitHeight: implicitWidth
    property int step: 0

    Timer {
        interval: 80
        repeat: true
        running: spinner.isRunning && spinner.visible
        onTriggered: spinner.step = (spinner.step + 1) % 12
    }
    Repeater {
        model: 12
        Rectangle {
            required property int index
            readonly property real angle: index * Math.PI / 6
            width: spinner.width / 10
            height: width
            radius: width / 2
            color: spinner.color
            opacity: 0.15 + 0.85 * ((index - spinner.step + 12) % 12) / 11
            x: spinner.width / 2 + Math.sin(angle) * spinner.width * 0.42 - width / 2
            y: spinner.height / 2 - Math.cos(angle) * spinner.width * 0.42 - height / 2
        }
    }
}
