import QtQuick
import theme
import "../windows"

Root {
    id: root
    Binding { target: Theme; property: "portraitGrowth"; value: 1.2 }
    title: root.view.words.desk
    Person {
        anchors.fill: parent
        view: root.view
        focus: true
        onPrintAsked: root.isLargePrint = !root.isLargePrint
    }
}
