import QtQuick
import theme
import controls

// A line that is typed on any keyboard, an input method's or the glass's own (`key(name)`).
FocusScope {
    id: entry
    property string title: ""
    property alias text: input.text
    property alias longest: input.maximumLength
    property string sample: ""
    property bool isUpper: false
    readonly property bool isActive: input.activeFocus
    signal entered()
    signal abandoned()
    implicitHeight: Math.max(Theme.target, head.implicitHeight + input.implicitHeight + Theme.gap)

    function take() {
        input.forceActiveFocus()
    }
    function key(name) {
        if (name === "back")
            input.remove(Math.max(0, input.cursorPosition - 1), input.cursorPosition)
        else if (input.length < input.maximumLength)
            input.insert(input.cursorPosition, name)
    }

    Rectangle {
        anchors.fill: parent
        radius: Theme.radiusSmall
        color: Theme.surface
        border.width: entry.isActive ? 3 : Theme.stroke
        border.color: entry.isActive ? Theme.brand : Theme.line
    }
    MouseArea { anchors.fill: parent; onClicked: entry.take() }
    Label {
        id: head
        anchors { left: parent.left; right: parent.right; top: parent.top; leftMargin: Theme.gap; rightMargin: Theme.gap; topMargin: Theme.gapSmall }
        text: entry.title
        size: Theme.small
        color: Theme.inkSoft
        wrapMode: Text.NoWrap
        elide: Text.ElideRight
    }
    TextInput {
        id: input
        objectName: entry.objectName + "Input"
        anchors { left: head.left; right: head.right; top: head.bottom }
        focus: true
        font.pixelSize: Theme.label
        font.weight: Font.DemiBold
        font.capitalization: entry.isUpper ? Font.AllUppercase : Font.MixedCase
        color: Theme.ink
        selectionColor: Theme.brand
        clip: true
        maximumLength: 120
        inputMethodHints: Qt.ImhNoPredictiveText
        onAccepted: entry.entered()
        Keys.onEscapePressed: entry.abandoned()
    }
    Label {
        visible: input.text === "" && input.preeditText === ""
        anchors { left: head.left; leftMargin: Theme.gapSmall; top: head.bottom }
        text: entry.sample
        size: Theme.label
        color: Theme.inkSoft
        opacity: 0.6
        wrapMode: Text.NoWrap
    }
}
