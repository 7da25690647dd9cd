import QtQuick
import theme
import controls

// What the counter's screens came to, the newest first.
Card {
    id: card
    required property var view
    readonly property var lines: view.state.happened
    clip: true

    Label {
        id: heading
        anchors { left: parent.left; top: parent.top; margins: Theme.gap * 0.75 }
        text: card.view.words.happened
        size: Theme.small
        isStrong: true
        color: Theme.inkSoft
    }
    Label {
        anchors { left: heading.left; top: heading.bottom; topMargin: Theme.gapSmall }
        visible: card.lines.length === 0
        text: card.view.words.nothingYet
        size: Theme.small
        color: Theme.inkSoft
    }
    ListView {
        anchors {
            left: parent.left; right: parent.right; top: heading.bottom; bottom: parent.bottom
            margins: Theme.gap * 0.75; topMargin: Theme.gapSmall
        }
        clip: true
        interactive: false
        model: card.lines
        spacing: Theme.gapTiny
        delegate: Row {
            id: line
            required property var modelData
            spacing: Theme.gap
            Label { text: line.modelData.clock; size: Theme.small; color: Theme.inkSoft; wrapMode: Text.NoWrap }
            Label {
                width: Math.min(implicitWidth, card.width - Theme.px(140))
                text: line.modelData.text
                size: Theme.small
                isStrong: line.modelData.kind === "good" || line.modelData.kind === "bad"
                color: line.modelData.kind === "calm" ? Theme.ink : Theme.strong(line.modelData.kind)
                wrapMode: Text.NoWrap
                elide: Text.ElideRight
            }
        }
    }
}
