import QtQuick
import theme
import controls

// "Counter says … / books say …": two sums, and in words, icon and colour how they stand.
Card {
    id: bar
    required property var view
    readonly property var money: view.state.money
    kind: money.kind
    implicitHeight: Math.max(sums.implicitHeight, verdict.implicitHeight) + 1.25 * Theme.gap

    Row {
        id: sums
        anchors { left: parent.left; leftMargin: Theme.gap; verticalCenter: parent.verticalCenter }
        spacing: Theme.gapLarge
        Repeater {
            model: [
                { name: bar.view.words.counterSays, sum: bar.money.counter },
                { name: bar.view.words.booksSay, sum: bar.money.books }
            ]
            Column {
                id: side
                required property var modelData
                Label { text: side.modelData.name; size: Theme.small; color: Theme.inkSoft; wrapMode: Text.NoWrap }
                Label { text: side.modelData.sum; size: Theme.title; isStrong: true; wrapMode: Text.NoWrap }
            }
        }
    }
    Row {
        id: verdict
        anchors { right: parent.right; rightMargin: Theme.gap; verticalCenter: parent.verticalCenter }
        layoutDirection: Qt.RightToLeft
        spacing: Theme.gapSmall
        Label {
            width: Math.min(implicitWidth, bar.width - sums.width - 4 * Theme.gap - Theme.title)
            text: bar.money.text
            size: Theme.body
            isStrong: true
            horizontalAlignment: Text.AlignRight
            color: Theme.strong(bar.money.kind)
            anchors.verticalCenter: parent.verticalCenter
        }
        Icon {
            name: bar.money.kind === "good" ? "check" : bar.money.kind === "warn" ? "clock" : "alert"
            color: Theme.strong(bar.money.kind)
            size: Theme.title
            anchors.verticalCenter: parent.verticalCenter
        }
    }
}
