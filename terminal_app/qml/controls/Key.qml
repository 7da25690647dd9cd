import QtQuick
import theme

// A key of a keypad: large, still, and the same everywhere.
Press {
    id: key
    property string text: ""
    property string icon: ""
    property string kind: "plain"
    property int size: text.length > 2 ? Theme.label : Math.round(Theme.title * 1.1)
    readonly property bool isFilled: kind !== "plain" && kind !== "soft"

    Accessible.role: Accessible.Button
    Accessible.name: text

    Rectangle {
        anchors.fill: parent
        radius: Theme.radius
        opacity: key.isOn ? 1 : 0.5
        color: {
            const base = key.isFilled ? Theme.strong(key.kind)
                : key.kind === "soft" ? Theme.sunken : Theme.surface
            return key.isDown ? Qt.darker(base, 1.15) : base
        }
        border.width: key.isFilled ? 0 : Theme.stroke
        border.color: Theme.line
    }
    Icon {
        anchors.centerIn: parent
        visible: key.icon !== ""
        name: key.icon
        size: Theme.title
        color: key.isFilled ? Theme.brandInk : Theme.ink
    }
    Label {
        anchors.centerIn: parent
        width: Math.min(implicitWidth, parent.width - Theme.gapSmall)
        visible: key.text !== "" && key.icon === ""
        text: key.text
        size: key.size
        isStrong: true
        color: key.isFilled ? Theme.brandInk : Theme.ink
        wrapMode: Text.NoWrap
        fontSizeMode: Text.HorizontalFit
        minimumPixelSize: Theme.small
        horizontalAlignment: Text.AlignHCenter
    }
}
