import QtQuick
import theme
import controls

// The cashier's side.
FocusScope {
    id: cashier
    required property var view
    signal printAsked()
    signal contrastAsked()
    Label {
        anchors.centerIn: parent
        text: cashier.view.phase + " " + cashier.view.amountText
        size: Theme.heading
    }
}
