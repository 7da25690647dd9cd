import QtQuick
import theme
import "../windows"

Root {
    id: root
    property bool isAlone: false
    Binding { target: Theme; property: "portraitGrowth"; value: 1.2 }
    title: root.view.words.desk
    Clerk {
        anchors.fill: parent
        view: root.view
        isAlone: root.isAlone
        focus: true
        onPrintAsked: root.isLargePrint = !root.isLargePrint
    }
}
