import QtQuick
import theme
import controls

// The ways to pay that are offered now. They are no keys: one presents a card, a code, a face.
Row {
    id: ways
    required property var view
    property color front: Theme.brand
    property color ground: Theme.surface
    property real tile: Theme.px(168)
    readonly property var all: ["card", "code", "face"]
    readonly property var offered: all.filter(name => view.tenders.indexOf(name) >= 0)
    spacing: Theme.gapLarge

    Repeater {
        model: ways.offered
        Rectangle {
            id: way
            required property string modelData
            width: ways.tile * 1.35
            height: ways.tile
            radius: Theme.radius
            color: ways.ground
            border.width: Theme.stroke
            border.color: Theme.line
            Column {
                anchors.centerIn: parent
                spacing: Theme.gapSmall
                Icon {
                    anchors.horizontalCenter: parent.horizontalCenter
                    name: way.modelData
                    size: ways.tile * 0.48
                    color: ways.front
                }
                Label {
                    anchors.horizontalCenter: parent.horizontalCenter
                    text: ways.view.words[way.modelData]
                    size: Math.min(Theme.title, ways.tile * 0.25)
                    isStrong: true
                }
            }
        }
    }
}
