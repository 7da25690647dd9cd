import QtQuick
import theme
import controls

// How the wire stands, and how many records and how much money wait for the server.
Press {
    id: badge
    required property var view
    readonly property bool isThere: view.isServerThere
    readonly property string kind: !isThere || view.isCapNear ? "warn" : "good"
    width: chip.implicitWidth + Theme.gapSmall
    Chip {
        id: chip
        anchors.centerIn: parent
        size: Theme.small
        implicitHeight: Theme.px(42)
        kind: badge.kind
        icon: badge.isThere ? "wifi" : "offline"
        text: (badge.isThere ? badge.view.words.online : badge.view.words.offline)
            + (badge.view.waitingCount > 0
                ? " · " + badge.view.words.waiting.arg(badge.view.waitingCount).arg(badge.view.waitingText === "¥0.00" ? "" : badge.view.waitingText).trim()
                : "")
    }
}
