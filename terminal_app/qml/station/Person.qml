import QtQuick
import theme
import controls
import "../setup"

// The person's side: what they read, sign and look at; names of others are never here.
FocusScope {
    id: person
    objectName: "personRoot"
    required property var view
    signal printAsked()
    readonly property string page: {
        switch (view.phase) {
        case "text": return "ConsentText"
        case "sign": return "SignPage"
        case "posing": return "PosingPage"
        }
        return "Glass"
    }

    Rectangle { anchors.fill: parent; color: Theme.paper }
    Bar {
        id: bar
        anchors { top: parent.top; left: parent.left; right: parent.right }
        view: person.view
        title: person.view.words.desk
        detail: person.view.storeName
        onPrintAsked: person.printAsked()
        onLanguageAsked: {
            person.view.switchLanguage()
            person.view.act.chooseLanguage(person.view.language)
        }
    }
    Loader {
        focus: true
        anchors { top: bar.bottom; left: parent.left; right: parent.right; bottom: parent.bottom; margins: Theme.gapLarge }
        property string wanted: person.page
        onWantedChanged: turn()
        Component.onCompleted: turn()
        function turn() {
            setSource(wanted + ".qml", { view: person.view })
        }
    }
}
