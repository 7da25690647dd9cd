import QtQuick
import theme

// A state in a word: icon, word and colour together, so that colour alone never says it.
Rectangle {
    id: chip
    property string text: ""
    property string icon: ""
    property string kind: "plain"
    property int size: Theme.small
    property string mark: ""
    implicitWidth: words.implicitWidth + Theme.gap * 1.25
    implicitHeight: Math.max(Theme.px(34), words.implicitHeight + Theme.gapSmall)
    radius: height / 2
    color: Theme.soft(kind)
    border.width: Theme.isHighContrast ? 2 : 0
    border.color: Theme.strong(kind)

    Row {
        id: words
        anchors.centerIn: parent
        spacing: Theme.gapSmall * 0.75
        Icon {
            anchors.verticalCenter: parent.verticalCenter
            visible: chip.icon !== ""
            name: chip.icon
            size: chip.size * 1.15
            color: Theme.strong(chip.kind)
        }
        Icon {
            anchors.verticalCenter: parent.verticalCenter
            visible: chip.mark !== ""
            name: chip.mark
            size: chip.size
            color: Theme.strong(chip.kind)
        }
        Label {
            anchors.verticalCenter: parent.verticalCenter
            visible: chip.text !== ""
            text: chip.text
            size: chip.size
            isStrong: true
            color: Theme.strong(chip.kind)
            wrapMode: Text.NoWrap
        }
    }
}
