import QtQuick
import theme
import controls

// Posted prices by category, as on a board above the counter.
Column {
    id: board
    required property var view
    property real room: Theme.px(700)
    property real size: Theme.display
    spacing: 0

    Repeater {
        model: board.view.prices
        Item {
            id: line
            required property int index
            required property string category
            required property string amountText
            width: board.room
            height: board.size * 1.75
            Rectangle {
                visible: line.index > 0
                anchors { left: parent.left; right: parent.right; top: parent.top }
                height: Math.max(1, Theme.stroke)
                color: Theme.line
            }
            Label {
                anchors { left: parent.left; verticalCenter: parent.verticalCenter }
                width: parent.width - price.width - Theme.gap
                text: line.category
                size: board.size * 0.72
                wrapMode: Text.NoWrap
                elide: Text.ElideRight
            }
            AmountText {
                id: price
                anchors { right: parent.right; verticalCenter: parent.verticalCenter }
                text: line.amountText
                size: board.size
                color: Theme.brand
            }
        }
    }
}
