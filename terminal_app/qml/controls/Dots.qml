import QtQuick
import theme

// How many digits of a secret were typed; never which.
Row {
    id: dots
    property int count: 0
    property int length: 6
    property real dot: Theme.label
    spacing: dot * 0.75
    Repeater {
        model: Math.max(dots.length, dots.count)
        Rectangle {
            required property int index
            width: dots.dot
            height: dots.dot
            radius: dots.dot / 2
            color: index < dots.count ? Theme.brand : "transparent"
            border.width: 2
            border.color: index < dots.count ? Theme.brand : Theme.inkSoft
        }
    }
}
