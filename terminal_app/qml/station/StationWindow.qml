import QtQuick
import theme
import "../windows"

// One upright screen for both: the person reads and signs above, the clerk works below.
Root {
    id: root
    title: root.view.words.desk
    Person {
        anchors { top: parent.top; left: parent.left; right: parent.right }
        height: Math.round(parent.height * 0.52)
        view: root.view
        onPrintAsked: root.isLargePrint = !root.isLargePrint
    }
    Clerk {
        anchors { bottom: parent.bottom; left: parent.left; right: parent.right }
        height: parent.height - Math.round(parent.height * 0.52)
        focus: true
        view: root.view
        onPrintAsked: root.isLargePrint = !root.isLargePrint
    }
}
