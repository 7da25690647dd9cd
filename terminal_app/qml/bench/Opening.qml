import QtQuick
import theme
import controls

// Before there is anything to play with, and when it cannot be had.
Item {
    id: opening
    required property var view
    readonly property bool isBroken: view.state.stage === "failed"

    Column {
        anchors.centerIn: parent
        width: parent.width - 2 * Theme.gapHuge
        spacing: Theme.gapLarge
        Spinner {
            anchors.horizontalCenter: parent.horizontalCenter
            visible: !opening.isBroken
        }
        Icon {
            anchors.horizontalCenter: parent.horizontalCenter
            visible: opening.isBroken
            name: "alert"
            color: Theme.bad
            size: Theme.display
        }
        Label {
            width: parent.width
            horizontalAlignment: Text.AlignHCenter
            text: opening.isBroken ? opening.view.words.failed : opening.view.state.doingText
            size: Theme.title
            isStrong: true
        }
        Label {
            width: parent.width
            horizontalAlignment: Text.AlignHCenter
            visible: opening.isBroken
            text: opening.view.state.trouble
            size: Theme.small
            maximumLineCount: 20
            elide: Text.ElideRight
            color: Theme.inkSoft
        }
    }
}
