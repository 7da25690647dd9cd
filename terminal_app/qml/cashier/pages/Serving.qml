import QtQuick
import theme
import controls

// Selling: the stage with the sale in hand, the last sales under it, the panel of keys beside.
Item {
    id: page
    required property var view
    required property var cashier
    readonly property bool isTall: height > width * 1.15
    readonly property real stripRow: Theme.target + Theme.gapTiny

    // Enter goes to the panel unless the stage has a question of its own
    function key(name) {
        if (!stage.key(name))
            panel.key(name)
    }

    Stage {
        id: stage
        anchors { left: parent.left; top: parent.top; margins: Theme.gap }
        width: page.isTall ? parent.width - 2 * Theme.gap : Math.round(parent.width * 0.57) - Theme.gap * 1.5
        height: page.isTall ? parent.height * 0.34 : parent.height - strip.height - 3 * Theme.gap
        view: page.view
        cashier: page.cashier
    }
    Strip {
        id: strip
        view: page.view
        cashier: page.cashier
        rowHeight: page.stripRow
        width: stage.width
        height: Math.min(Theme.px(40) + 5 * page.stripRow,
            page.isTall ? page.height * 0.26 : page.height * 0.49)
        anchors { left: parent.left; leftMargin: Theme.gap; bottomMargin: Theme.gap }
        states: [
            State {
                when: page.isTall
                AnchorChanges { target: strip; anchors.top: stage.bottom; anchors.bottom: undefined }
                PropertyChanges { target: strip; anchors.topMargin: Theme.gap }
            },
            State {
                when: !page.isTall
                AnchorChanges { target: strip; anchors.bottom: page.bottom; anchors.top: undefined }
            }
        ]
    }
    Panel {
        id: panel
        anchors {
            right: parent.right; bottom: parent.bottom; margins: Theme.gap
            left: page.isTall ? parent.left : stage.right
            top: page.isTall ? strip.bottom : parent.top
        }
        view: page.view
        cashier: page.cashier
    }
}
