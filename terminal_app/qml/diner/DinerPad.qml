import QtQuick
import theme
import controls

// Ten digits for the diner's finger; `done` with what was typed, and nothing is kept here.
Item {
    id: pad
    property string typed: ""
    property int longest: 20
    property string doneText: ""
    property bool mayFinish: typed.length > 0
    signal done(text: string)

    focus: true

    // A numeric keypad on the diner's side types here
    Keys.onPressed: event => {
        const isDigit = event.text.length === 1 && event.text >= "0" && event.text <= "9"
        const name = isDigit ? event.text
            : event.key === Qt.Key_Backspace ? "back"
            : event.key === Qt.Key_Return || event.key === Qt.Key_Enter ? "done" : ""
        event.accepted = name !== ""
        if (event.accepted)
            press(name)
    }

    readonly property real gapping: Theme.gapSmall * 1.5
    readonly property real keyWidth: (width - 2 * gapping) / 3
    readonly property real keyHeight: (height - 3 * gapping) / 4
    readonly property var places: ["1", "2", "3", "4", "5", "6", "7", "8", "9", "back", "0", "done"]

    function press(name: string) {
        if (name === "back")
            typed = typed.slice(0, -1)
        else if (name === "done")
            finish()
        else if (typed.length < longest)
            typed += name
    }
    function finish() {
        if (!mayFinish)
            return
        const text = typed
        typed = ""
        done(text)
    }

    Grid {
        columns: 3
        spacing: pad.gapping
        Repeater {
            model: pad.places
            Key {
                required property string modelData
                objectName: "diner.key." + modelData
                width: pad.keyWidth
                height: pad.keyHeight
                text: modelData === "done" ? pad.doneText : modelData === "back" ? "" : modelData
                icon: modelData === "back" ? "backspace" : ""
                kind: modelData === "done" ? "good" : modelData === "back" ? "soft" : "plain"
                size: modelData === "done" ? Theme.title : Theme.heading
                isOn: modelData !== "done" || pad.mayFinish
                onPressed: pad.press(modelData)
            }
        }
    }
}
