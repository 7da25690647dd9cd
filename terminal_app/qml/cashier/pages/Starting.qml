import QtQuick
import theme
import controls

// Before the core is ready.
Item {
    id: page
    required property var view
    required property var cashier
    function key(name) {}
    Column {
        anchors.centerIn: parent
        spacing: Theme.gapLarge
        Spinner { anchors.horizontalCenter: parent.horizontalCenter }
        Label {
            anchors.horizontalCenter: parent.horizontalCenter
            text: page.view.words.starting
            size: Theme.heading
            isStrong: true
        }
        Label {
            anchors.horizontalCenter: parent.horizontalCenter
            text: page.view.words.startingText
            color: Theme.inkSoft
        }
        Stages { anchors.horizontalCenter: parent.horizontalCenter; view: page.view }
    }
}
