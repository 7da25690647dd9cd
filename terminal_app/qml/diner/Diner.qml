import QtQuick
import theme
import controls

// The diner's side: one page at a time, chosen by the view; its colour fills the glass, so that the
// outcome is seen from two metres before a word is read.
FocusScope {
    id: screen
    objectName: "dinerRoot"
    required property var view
    signal printAsked()
    // By number is opened here and nowhere else; it closes when the counter moves on
    property bool isNumberOpen: false
    readonly property string page: view.dinerPage
    readonly property bool isFilled: page === "paid" || page === "back" || page === "closed"
    readonly property color front: isFilled ? "#ffffff" : Theme.ink

    // 确认 and 不是我 on a keypad of the diner's side
    Keys.onPressed: event => {
        const isEnter = event.key === Qt.Key_Return || event.key === Qt.Key_Enter
        if (page !== "confirm")
            event.accepted = false
        else if (isEnter && view.dinerMayConfirm)
            view.act.confirm("diner")
        else if (event.key === Qt.Key_Escape || event.key === Qt.Key_Backspace)
            view.act.notMe()
    }

    Connections {
        target: screen.view
        function onChanged() {
            if (!screen.view.dinerTakesNumber)
                screen.isNumberOpen = false
        }
    }

    Rectangle {
        anchors.fill: parent
        color: {
            switch (screen.view.dinerRole) {
            case "good": return Theme.good
            case "warn": return Theme.amber
            case "back": return Theme.calm
            case "closed": return Theme.brandDeep
            }
            return Theme.paper
        }
        Behavior on color { ColorAnimation { duration: Theme.quick } }
    }

    DinerHeader {
        id: header
        view: screen.view
        front: screen.front
        anchors { left: parent.left; right: parent.right; top: parent.top }
        onPrintAsked: screen.printAsked()
    }

    Loader {
        id: stage
        objectName: "diner.stage"
        focus: true
        anchors {
            left: parent.left; right: parent.right; top: header.bottom; bottom: parent.bottom
            leftMargin: Theme.gapHuge; rightMargin: Theme.gapHuge
            topMargin: Theme.gapSmall; bottomMargin: Theme.gapLarge
        }
        sourceComponent: {
            if (screen.isNumberOpen && screen.view.dinerTakesNumber)
                return numberPage
            switch (screen.page) {
            case "welcome": return welcomePage
            case "due": return duePage
            case "confirm": return confirmPage
            case "factor": return screen.view.factor === "card" ? messagePage : factorPage
            case "paid": return paidPage
            case "scan": return scanPage
            }
            return messagePage
        }
    }

    Component { id: welcomePage; WelcomePage { view: screen.view } }
    Component {
        id: duePage
        DuePage { view: screen.view; onNumberWanted: screen.isNumberOpen = true }
    }
    Component { id: confirmPage; ConfirmPage { view: screen.view } }
    Component { id: factorPage; FactorPage { view: screen.view } }
    Component {
        id: numberPage
        NumberPage { view: screen.view; onClosed: screen.isNumberOpen = false }
    }
    Component { id: scanPage; ScanPage { view: screen.view } }
    Component { id: paidPage; PaidPage { view: screen.view } }
    Component {
        id: messagePage
        MessagePage { view: screen.view; front: screen.front }
    }
}
