import QtQuick
import theme
import controls

// A new terminal: its code, then its devices. One window, whatever screens come later.
FocusScope {
    id: setup
    objectName: "setupRoot"
    required property var view
    signal printAsked()
    readonly property string page: view.stage === "code" || view.stage === "asking" ? "CodePage"
        : "ChecksPage"

    Rectangle { anchors.fill: parent; color: Theme.paper }
    Bar {
        id: bar
        anchors { top: parent.top; left: parent.left; right: parent.right }
        view: setup.view
        title: setup.view.terminalName === "" ? setup.view.words.newTerminal
            : setup.view.storeName + " · " + setup.view.terminalName
        detail: setup.view.merchantName
        onPrintAsked: setup.printAsked()
        onLanguageAsked: setup.view.switchLanguage()
    }
    Loader {
        id: pages
        focus: true
        anchors { top: bar.bottom; left: parent.left; right: parent.right; bottom: parent.bottom; margins: Theme.gapLarge }
        property string wanted: setup.page
        onWantedChanged: turn()
        Component.onCompleted: turn()
        function turn() {
            setSource(wanted + ".qml", { view: setup.view })
        }
    }
}
