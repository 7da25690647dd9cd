import QtQuick
import theme
import controls

// The last sales, always in sight: how each stands, and 撤销 while it may be undone.
Card {
    id: strip
    required property var view
    required property var cashier
    property real rowHeight: Theme.target + Theme.gapTiny

    Label {
        id: head
        anchors { left: parent.left; leftMargin: Theme.gap; top: parent.top; topMargin: Theme.gapSmall }
        text: strip.view.words.lastSales
        size: Theme.small
        isStrong: true
        color: Theme.inkSoft
    }
    // The printer's one line: what it needs; sales go on without it
    Item {
        id: paper
        objectName: "printerLine"
        anchors { left: head.right; leftMargin: Theme.gap; right: parent.right; rightMargin: Theme.gap; verticalCenter: head.verticalCenter }
        height: head.height + Theme.gapTiny
        visible: strip.view.printerText !== ""
        Icon {
            id: sign
            anchors.verticalCenter: parent.verticalCenter
            name: "printer"
            size: Theme.small * 1.2
            color: Theme.warn
        }
        Label {
            anchors { left: sign.right; leftMargin: Theme.gapSmall; right: parent.right; verticalCenter: parent.verticalCenter }
            text: strip.view.printerText
            size: Theme.small
            color: Theme.warn
            wrapMode: Text.NoWrap
            elide: Text.ElideRight
        }
    }
    Label {
        anchors.centerIn: parent
        visible: list.count === 0
        text: strip.view.words.noSales
        color: Theme.inkSoft
    }
    ListView {
        id: list
        objectName: "strip"
        anchors { left: parent.left; right: parent.right; top: head.bottom; topMargin: Theme.gapTiny; bottom: parent.bottom; bottomMargin: Theme.gapTiny }
        clip: true
        model: strip.view.strip
        boundsBehavior: Flickable.StopAtBounds
        delegate: StripRow {
            width: ListView.view.width
            height: strip.rowHeight
            words: strip.view.words
            onUndoAsked: row => strip.cashier.undo(row)
        }
    }
}
