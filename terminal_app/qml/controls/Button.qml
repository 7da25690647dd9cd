import QtQuick
import theme

// Icon, words and, small, the key that does the same. `kind`: brand, plain, good, warn, bad, calm.
Press {
    id: button
    property string text: ""
    property string icon: ""
    property string kind: "plain"
    property string hint: ""
    property int size: Theme.label
    property bool isStacked: false
    property real iconSize: size * (isStacked ? 1.3 : 1.1)
    readonly property bool isFilled: kind !== "plain" && kind !== "quiet"
    readonly property color front: !isOn ? Theme.inkSoft
        : isFilled ? Theme.brandInk : Theme.ink

    implicitWidth: Math.max(Theme.target, words.implicitWidth + 2 * Theme.gap)
    implicitHeight: Math.max(Theme.target, words.implicitHeight + Theme.gap)
    opacity: isOn ? 1 : 0.5

    Accessible.role: Accessible.Button
    Accessible.name: text

    Rectangle {
        anchors.fill: parent
        radius: Theme.radius
        color: {
            const base = !button.isOn ? Theme.sunken
                : button.isFilled ? Theme.strong(button.kind)
                : button.kind === "quiet" ? "transparent" : Theme.surface
            return button.isDown ? Qt.darker(base === "transparent" ? Theme.sunken : base, 1.12) : base
        }
        border.width: button.isFilled || button.kind === "quiet" ? 0 : Theme.stroke
        border.color: Theme.line
    }

    Grid {
        id: words
        anchors.centerIn: parent
        columns: button.isStacked ? 1 : 2
        horizontalItemAlignment: Grid.AlignHCenter
        verticalItemAlignment: Grid.AlignVCenter
        spacing: button.icon === "" ? 0 : button.isStacked ? Theme.gapTiny : Theme.gapSmall
        Icon {
            name: button.icon
            visible: button.icon !== ""
            color: button.front
            size: button.iconSize
        }
        Label {
            text: button.text
            visible: button.text !== ""
            color: button.front
            size: button.size
            isStrong: true
            wrapMode: Text.NoWrap
            horizontalAlignment: Text.AlignHCenter
            // In the middle, so the key in the corner costs its width on both sides
            width: Math.min(implicitWidth, button.width - Theme.gapSmall
                - (button.hint === "" ? 0 : 2 * key.width)
                - (button.isStacked || button.icon === "" ? 0 : button.iconSize + Theme.gap))
            fontSizeMode: Text.HorizontalFit
            minimumPixelSize: Math.round(Theme.small * 0.75)
            elide: Text.ElideRight
        }
    }

    Label {
        id: key
        visible: button.hint !== ""
        text: button.hint
        size: Math.round(Theme.small * 0.8)
        color: button.front
        opacity: 0.75
        anchors { right: parent.right; top: parent.top; margins: Theme.gapSmall * 0.75 }
    }
}
