import QtQuick
import theme
import "../cashier"

Root {
    id: root
    Binding { target: Theme; property: "portraitGrowth"; value: 1.2 }
    title: root.view.words.appName
    Cashier {
        anchors.fill: parent
        view: root.view
        onPrintAsked: root.isLargePrint = !root.isLargePrint
        onContrastAsked: root.isHighContrast = !root.isHighContrast
    }
}
