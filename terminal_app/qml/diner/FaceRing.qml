import QtQuick
import QtQuick.Shapes
import theme
import controls

// Where the face is, as a drawn outline in a round glass: never a picture. The ring fills while one
// stands still. Mirrored, as one is used to from every mirror.
Item {
    id: ring
    // In shares of the camera's frame, and how long it stood still, 0 to 1
    property rect outline
    property real stillShare: 0
    property bool hasFace: false
    // A face that was refused, or must wait: the ring does not fill for it
    property bool isResting: false
    property real size: Theme.px(340)
    readonly property real stroke: size * 0.045
    readonly property real still: hasFace && !isResting ? stillShare : 0
    implicitWidth: size
    implicitHeight: size

    Rectangle {
        anchors.fill: parent
        radius: width / 2
        color: Theme.surface
        border.width: ring.stroke
        border.color: Theme.isHighContrast ? Theme.line : Theme.sunken
    }
    Shape {
        anchors.fill: parent
        antialiasing: true
        ShapePath {
            strokeColor: ring.still > 0 ? Theme.good : "transparent"
            strokeWidth: ring.stroke
            fillColor: "transparent"
            capStyle: ShapePath.RoundCap
            PathAngleArc {
                centerX: ring.width / 2
                centerY: ring.height / 2
                radiusX: ring.width / 2 - ring.stroke / 2
                radiusY: radiusX
                startAngle: -90
                sweepAngle: 360 * Math.min(1, ring.still)
            }
        }
    }

    // The head: the frame is 4:3, the glass shows its middle
    Item {
        id: head
        visible: ring.hasFace
        readonly property real reach: ring.size * 1.3
        readonly property real faceWidth: Math.max(ring.size * 0.34,
            Math.min(ring.size * 0.58, (ring.outline.width || 0.3) * reach * 4 / 3))
        width: faceWidth
        height: faceWidth * 1.3
        x: limited(ring.size / 2 - (ring.outline.x + ring.outline.width / 2 - 0.5)
            * reach * 4 / 3 - width / 2, ring.size - width)
        y: limited(ring.size / 2 + (ring.outline.y + ring.outline.height / 2 - 0.5)
            * reach - height / 2, ring.size - height)
        function limited(value: real, most: real): real {
            return Math.max(ring.stroke * 2, Math.min(most - ring.stroke * 2, value))
        }
        Shape {
            anchors.fill: parent
            antialiasing: true
            ShapePath {
                strokeColor: ring.still > 0 ? Theme.good : Theme.brand
                strokeWidth: Math.max(3, ring.size * 0.014)
                fillColor: Qt.alpha(Theme.brand, 0.08)
                PathAngleArc {
                    centerX: head.width / 2
                    centerY: head.height / 2
                    radiusX: head.width / 2
                    radiusY: head.height / 2
                    sweepAngle: 360
                }
            }
        }
        Repeater {
            model: [0.32, 0.68]
            Rectangle {
                required property real modelData
                width: head.width * 0.1
                height: width
                radius: width / 2
                x: head.width * modelData - width / 2
                y: head.height * 0.4
                color: Theme.brand
            }
        }
        Shape {
            anchors.fill: parent
            antialiasing: true
            ShapePath {
                strokeColor: Theme.brand
                strokeWidth: Math.max(3, ring.size * 0.012)
                fillColor: "transparent"
                capStyle: ShapePath.RoundCap
                PathAngleArc {
                    centerX: head.width / 2
                    centerY: head.height * 0.58
                    radiusX: head.width * 0.2
                    radiusY: head.width * 0.16
                    startAngle: 25
                    sweepAngle: 130
                }
            }
        }
    }
    Icon {
        visible: !ring.hasFace
        anchors.centerIn: parent
        name: "face"
        size: ring.size * 0.44
        color: Theme.inkSoft
        weight: 1.6
    }
}
