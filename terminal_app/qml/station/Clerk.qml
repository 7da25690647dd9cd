import QtQuick
import theme
import controls
import "../setup"
import "../cashier"

// The clerk's side: bar, the page of the phase, and one line for what was refused.
FocusScope {
    id: clerk
    objectName: "clerkRoot"
    required property var view
    // The person has no screen of their own: their pages come here
    property bool isAlone: false
    signal printAsked()
    readonly property string page: {
        switch (view.phase) {
        case "locked": return "ClerkPin"
        case "new_pin": return "../cashier/pages/NewPin"
        case "pick": return "Pick"
        case "person": return "PersonPage"
        case "text": return isAlone ? "ConsentText" : "Watching"
        case "giver": return "GiverPage"
        case "twin": return "TwinPage"
        case "sign": return isAlone ? "SignPage" : "Watching"
        case "posing": return isAlone ? "PosingPage" : "Watching"
        case "halted": return "Halted"
        case "done": return "DonePage"
        }
        return "WithdrawPage"
    }
    readonly property bool hasBack: ["text", "giver", "twin", "sign", "posing"].includes(view.phase)

    KeyNames { id: names }
    Keys.onPressed: event => {
        const name = names.of(event)
        event.accepted = name !== "" && pages.item !== null && pages.item.key !== undefined
        if (event.accepted)
            pages.item.key(name)
    }

    Rectangle { anchors.fill: parent; color: Theme.paper }
    Bar {
        id: bar
        anchors { top: parent.top; left: parent.left; right: parent.right }
        view: clerk.view
        title: clerk.view.words.desk + " · " + clerk.view.storeName
        detail: [clerk.view.terminalName, clerk.view.operatorName].filter(Boolean).join(" · ")
        onPrintAsked: clerk.printAsked()
        onLanguageAsked: clerk.view.switchLanguage()
        Spinner {
            anchors.verticalCenter: parent.verticalCenter
            visible: clerk.view.isBusy
            color: Theme.brandInk
            width: Theme.title
            height: width
        }
        BarButton {
            objectName: "back"
            visible: clerk.hasBack
            text: clerk.view.words.deskBack
            height: bar.height
            onPressed: clerk.view.act.back()
        }
        BarButton {
            objectName: "lock"
            visible: clerk.view.phase !== "locked"
            text: clerk.view.words.deskLock
            height: bar.height
            onPressed: clerk.view.act.lock()
        }
    }
    Loader {
        id: pages
        focus: true
        anchors {
            top: bar.bottom; left: parent.left; right: parent.right; bottom: problem.top
            margins: Theme.gapLarge; bottomMargin: Theme.gap
        }
        property string wanted: clerk.page
        onWantedChanged: turn()
        Component.onCompleted: turn()
        function turn() {
            const given = { view: clerk.view }
            if (wanted.endsWith("NewPin"))
                given.cashier = clerk
            setSource(wanted + ".qml", given)
        }
    }
    Notice {
        id: problem
        objectName: "problem"
        anchors { bottom: parent.bottom; bottomMargin: Theme.gapSmall; horizontalCenter: parent.horizontalCenter }
        width: Math.min(parent.width - 2 * Theme.gapLarge, Theme.px(1000))
        text: clerk.view.problemText
        icon: "alert"
        kind: "bad"
        size: Theme.label
    }
}
