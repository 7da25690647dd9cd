import QtQuick
import theme

// Digits as on a numeric keypad. `keyed(name)`: "0"…"9", "00", "back", "clear", "enter", "plus",
// "times". `isTill` adds + and ×; a PIN has no use for them.
Item {
    id: pad
    property bool isTill: false
    property bool isOn: true
    property string enterText: ""
    property string enterIcon: "check"
    property string enterKind: "brand"
    signal keyed(string name)

    readonly property real gap: Theme.gapSmall
    readonly property int columns: 4
    readonly property real cellWidth: (width - gap * (columns - 1)) / columns
    readonly property real cellHeight: (height - gap * 3) / 4
    implicitWidth: 4 * Theme.target + 3 * gap
    implicitHeight: 4 * Theme.target + 3 * gap

    readonly property var cells: [
        { key: "7" }, { key: "8" }, { key: "9" }, { key: "back", icon: "backspace", kind: "soft" },
        { key: "4" }, { key: "5" }, { key: "6" },
        pad.isTill ? { key: "plus", text: "+", kind: "soft" } : { key: "clear", icon: "cross", kind: "soft" },
        { key: "1" }, { key: "2" }, { key: "3" },
        { key: "enter", kind: pad.enterKind, tall: true },
        pad.isTill ? { key: "times", text: "×2", kind: "soft" } : { key: "" },
        { key: "0" }, { key: "00" }
    ]

    Repeater {
        model: pad.cells
        Key {
            required property int index
            required property var modelData
            objectName: "pad_" + modelData.key
            visible: modelData.key !== ""
            x: (index % 4) * (pad.cellWidth + pad.gap)
            y: Math.floor(index / 4) * (pad.cellHeight + pad.gap)
            width: pad.cellWidth
            height: modelData.tall ? pad.cellHeight * 2 + pad.gap : pad.cellHeight
            text: modelData.key === "enter" ? pad.enterText : modelData.text || modelData.key
            icon: modelData.key === "enter" && pad.enterText === "" ? pad.enterIcon
                : modelData.icon || ""
            kind: modelData.kind || "plain"
            isOn: pad.isOn
            onPressed: pad.keyed(modelData.key)
        }
    }
}
