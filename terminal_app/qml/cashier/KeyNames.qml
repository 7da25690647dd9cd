import QtQuick

// Names of keys, so that the numeric keypad, the letters' row and a finger mean the same.
QtObject {
    readonly property var names: ({
        [Qt.Key_Enter]: "enter", [Qt.Key_Return]: "enter", [Qt.Key_Backspace]: "back",
        [Qt.Key_Escape]: "clear", [Qt.Key_Plus]: "plus", [Qt.Key_Asterisk]: "times",
        [Qt.Key_Slash]: "cash", [Qt.Key_Minus]: "number", [Qt.Key_Delete]: "undo",
        [Qt.Key_End]: "pause", [Qt.Key_PageDown]: "next", [Qt.Key_Home]: "more",
        [Qt.Key_Period]: "00", [Qt.Key_Comma]: "00", [Qt.Key_Tab]: "tab", [Qt.Key_Space]: "enter"
    })

    // "" for a key that means nothing here, so that it goes on to whoever wants it
    function of(event) {
        if (event.key >= Qt.Key_0 && event.key <= Qt.Key_9)
            return String(event.key - Qt.Key_0)
        return names[event.key] || ""
    }
}
