import QtQuick
import theme

// A word over all of a page, again and again, that lets fingers through.
Item {
    id: mark
    property string text: ""
    visible: text !== ""
    enabled: false
    clip: true
    Repeater {
        model: mark.visible ? 9 : 0
        Label {
            required property int index
            text: mark.text
            size: Theme.display
            isStrong: true
            color: Theme.warn
            opacity: 0.16
            rotation: -18
            wrapMode: Text.NoWrap
            x: (index % 3) * mark.width * 0.4 - mark.width * 0.08
            y: Math.floor(index / 3) * mark.height * 0.34 + mark.height * 0.1
        }
    }
}
