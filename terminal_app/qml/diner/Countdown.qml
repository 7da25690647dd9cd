import QtQuick
import QtQuick.Shapes
import theme
import controls

// Seconds that are left, as a ring that empties and as a figure.
Item {
    id: countdown
    property int seconds: -1
    // What it began with: the most seen since it appeared
    property int most: 1
    property color color: Theme.calm
    property real size: Theme.target
    visible: seconds >= 0
    implicitWidth: size
    implicitHeight: size
    onSecondsChanged: most = Math.max(most, seconds, 1)

    Rectangle {
        anchors.fill: parent
        radius: width / 2
        color: "transparent"
        border.width: countdown.size * 0.07
        border.color: Qt.alpha(countdown.color, 0.2)
    }
    Shape {
        anchors.fill: parent
        antialiasing: true
        ShapePath {
            strokeColor: countdown.color
            strokeWidth: countdown.size * 0.07
            fillColor: "transparent"
            capStyle: ShapePath.RoundCap
            PathAngleArc {
                centerX: countdown.width / 2
                centerY: countdown.height / 2
                radiusX: countdown.width / 2 - countdown.size * 0.035
                radiusY: radiusX
                startAngle: -90
                sweepAngle: 360 * Math.min(1, Math.max(0, countdown.seconds) / countdown.most)
            }
        }
    }
    Label {
        anchors.centerIn: parent
        text: Math.max(0, countdown.seconds)
        size: countdown.size * 0.42
        isStrong: true
        color: countdown.color
        font.features: ({ "tnum": 1 })
    }
}
