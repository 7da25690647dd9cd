import QtQuick
import theme
import controls
import "../cashier"
import "../diner"

// One upright screen for both: the diner reads the upper part, the cashier works below.
Root {
    id: root
    title: root.view.words.appName
    Diner {
        anchors { top: parent.top; left: parent.left; right: parent.right }
        height: Math.round(parent.height * 0.48)
        view: root.view
        onPrintAsked: root.isLargePrint = !root.isLargePrint
    }
    Watermark {
        anchors { top: parent.top; left: parent.left; right: parent.right; bottom: cashier.top }
        text: root.view.isPractice ? root.view.words.practice : ""
    }
    Rectangle {
        anchors { left: parent.left; right: parent.right; bottom: cashier.top }
        height: Theme.px(4)
        color: Theme.brand
    }
    Cashier {
        id: cashier
        anchors { bottom: parent.bottom; left: parent.left; right: parent.right }
        height: parent.height - Math.round(parent.height * 0.48) - Theme.px(4)
        view: root.view
        onPrintAsked: root.isLargePrint = !root.isLargePrint
        onContrastAsked: root.isHighContrast = !root.isHighContrast
    }
}
