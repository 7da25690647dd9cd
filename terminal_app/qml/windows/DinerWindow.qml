import QtQuick
import "../diner"

Root {
    id: root
    title: root.view.words.appName
    Diner {
        anchors.fill: parent
        focus: true
        view: root.view
        onPrintAsked: root.isLargePrint = !root.isLargePrint
    }
}
