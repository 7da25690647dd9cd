import QtQuick
import controls
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
    Watermark {
        anchors.fill: parent
        text: root.view.isPractice ? root.view.words.practice : ""
    }
}
