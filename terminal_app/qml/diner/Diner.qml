import QtQuick
import theme
import controls

// The diner's side: what is due, how to pay it, and what became of it.
Rectangle {
    id: diner
    required property var view
    color: Theme.paper
    AmountText {
        anchors.centerIn: parent
        text: diner.view.amountText
    }
}
