import QtQuick
import theme
import controls

// Letters, digits and what addresses are made of, for a glass without a keyboard. `keyed(name)`: a
// character, or "back".
Item {
    id: letters
    property bool isLower: false
    property bool isOn: true
    signal keyed(string name)

    readonly property var rows: ["1234567890", "QWERTYUIOP", "ASDFGHJKL-", "ZXCVBNM.:/"]
    readonly property real gap: Theme.gapSmall
    readonly property int columns: 10
    readonly property real cellWidth: (width - gap * columns) / (columns + 1)
    readonly property real cellHeight: (height - gap * 3) / 4
    implicitWidth: Theme.px(900)
    implicitHeight: 4 * Theme.target + 3 * gap

    Repeater {
        model: letters.rows.join("").split("")
        Key {
            required property int index
            required property string modelData
            readonly property string typed: letters.isLower ? modelData.toLowerCase() : modelData
            objectName: "letter_" + modelData
            x: (index % 10) * (letters.cellWidth + letters.gap)
            y: Math.floor(index / 10) * (letters.cellHeight + letters.gap)
            width: letters.cellWidth
            height: letters.cellHeight
            text: typed
            size: Theme.label
            isOn: letters.isOn
            onPressed: letters.keyed(typed)
        }
    }
    Key {
        objectName: "letter_back"
        x: 10 * (letters.cellWidth + letters.gap)
        width: letters.cellWidth
        height: letters.height
        icon: "backspace"
        kind: "soft"
        isOn: letters.isOn
        onPressed: letters.keyed("back")
    }
}
