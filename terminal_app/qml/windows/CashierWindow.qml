import QtQuick
import "../cashier"

Root {
    id: root
    title: root.view.words.appName
    Cashier {
        anchors.fill: parent
        view: root.view
        onPrintAsked: root.isLargePrint = !root.isLargePrint
        onContrastAsked: root.isHighContrast = !root.isHighContrast
    }
}
