import QtQuick
import theme
import controls

// What the keys of a numeric keypad do.
Sheet {
    id: sheet
    title: w.keysTitle
    icon: "number"
    roomWidth: Theme.px(isLow ? 1080 : 720)
    Grid {
        id: grid
        width: parent.width
        columns: sheet.isLow ? 2 : 1
        flow: Grid.TopToBottom
        rows: sheet.isLow ? 6 : 11
        spacing: Theme.gapTiny
        Repeater {
            model: [["0–9", "key_digits"], ["Enter", "key_enter"], ["Esc", "key_esc"], ["+", "key_plus"],
                ["*", "key_times"], ["/", "key_slash"], ["−", "key_minus"], ["Del", "key_delete"],
                ["End", "key_end"], ["PgDn", "key_page"], ["Home", "key_home"]]
            delegate: Item {
                id: line
                required property var modelData
                width: (grid.width - (grid.columns - 1) * grid.spacing) / grid.columns
                height: Theme.label * 1.75
                Rectangle {
                    anchors.verticalCenter: parent.verticalCenter
                    width: Theme.px(96)
                    height: Theme.label * 1.5
                    radius: Theme.radiusSmall
                    color: Theme.sunken
                    border.width: Theme.stroke
                    border.color: Theme.line
                    Label { anchors.centerIn: parent; text: line.modelData[0]; isStrong: true }
                }
                Label {
                    anchors { left: parent.left; leftMargin: Theme.px(116); right: parent.right; verticalCenter: parent.verticalCenter }
                    text: sheet.w[line.modelData[1]]
                }
            }
        }
    }
}
