import QtQuick
import theme

// What can be pressed: by finger, mouse, or `trigger()` from a key. Never smaller than a glove.
Item {
    id: press
    property bool isOn: true
    property bool isDown: touch.pressed && isOn
    signal pressed()

    objectName: ""
    implicitWidth: Theme.target
    implicitHeight: Theme.target
    activeFocusOnTab: false

    function trigger() {
        if (isOn && visible)
            pressed()
    }

    MouseArea {
        id: touch
        anchors.fill: parent
        enabled: press.isOn
        onClicked: press.pressed()
    }
}
