import QtQuick
import theme
import "../windows"

Root {
    id: root
    // Nobody shares it yet: an upright screen may be read from farther
    Binding { target: Theme; property: "portraitGrowth"; value: 1.25 }
    title: root.view.words.appName
    Setup {
        anchors.fill: parent
        focus: true
        view: root.view
        onPrintAsked: root.isLargePrint = !root.isLargePrint
    }
}
