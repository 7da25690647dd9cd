import QtQuick
import "../diner"

Root {
    id: root
    title: root.view.words.appName
    Diner {
        anchors.fill: parent
        view: root.view
        onPrintAsked: root.isLargePrint = !root.isLargePrint
    }
}
