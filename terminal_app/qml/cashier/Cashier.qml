import QtQuick
import theme
import controls

// The cashier's side: bar above, the page of the present state, a sheet over it, and one line for
// what was refused. Keys go to the sheet when there is one, else to the page: both have `key(name)`.
FocusScope {
    id: cashier
    objectName: "cashierRoot"
    required property var view
    property string sheet: ""
    signal printAsked()
    signal contrastAsked()
    focus: true

    readonly property string page: {
        switch (view.phase) {
        case "": case "starting": return "Starting"
        case "recover": return "Recover"
        case "locked": return view.mustChangePin ? "NewPin" : view.isSignedIn ? "Day" : "Pin"
        case "blocked": return "Blocked"
        case "top_up": return "TopUp"
        }
        return "Serving"
    }
    onPageChanged: if (page !== "Serving" && page !== "Blocked") closeSheet()

    function openSheet(name, properties) {
        sheet = name
        sheets.setSource("sheets/" + name + ".qml",
            Object.assign({ view: cashier.view, cashier: cashier }, properties || {}))
    }
    function closeSheet() {
        sheet = ""
        sheets.source = ""
        cashier.forceActiveFocus()
    }
    // Undo a row: at once, or after the PIN that it needs
    function undo(row) {
        if (row.needs === "nothing" || !row.mayUndo)  // what may not be undone is refused in words
            view.act.undo(row.key, "cashier", "")
        else
            openSheet("Secret", {
                title: row.needs === "pin" ? view.words.undoPinTitle : view.words.undoSupervisorTitle,
                detail: row.label + "  " + row.name + "  " + row.amountText,
                run: pin => view.act.undo(row.key, "cashier", pin)
            })
    }
    function undoNewest() {
        const row = view.newest
        if (row.key)
            undo(row)
    }
    // A key of the sheet, or of the page, pressed by a finger
    function sheetKey(name) {
        sheets.item.key(name)
    }
    function key(name) {
        pages.item.key(name)
    }
    function askPractice() {
        openSheet("Secret", { title: view.words.practisePin, detail: view.words.practiseText,
            run: pin => view.act.practise(pin) })
    }
    function askSupervisor(detail, run) {
        openSheet("Secret", { title: view.words.supervisorPin, detail: detail, run: run })
    }

    KeyNames { id: names }
    Keys.onPressed: event => {
        const name = names.of(event)
        if (name === "")
            return
        event.accepted = true
        if (sheets.item)
            sheets.item.key(name)
        else if (pages.item)
            pages.item.key(name)
    }

    Rectangle { anchors.fill: parent; color: Theme.paper }

    // Practice: nobody may take it for a sale
    Watermark {
        anchors.fill: pages
        z: 1
        text: cashier.view.isPractice ? cashier.view.words.practice : ""
    }
    TopBar {
        id: bar
        anchors { top: parent.top; left: parent.left; right: parent.right }
        view: cashier.view
        onSheetAsked: name => cashier.sheet === name ? cashier.closeSheet() : cashier.openSheet(name)
    }

    Loader {
        id: pages
        anchors { top: bar.bottom; left: parent.left; right: parent.right; bottom: parent.bottom }
        property string wanted: cashier.page
        onWantedChanged: turn()
        Component.onCompleted: turn()
        function turn() {
            setSource("pages/" + wanted + ".qml", { view: cashier.view, cashier: cashier })
        }
    }

    Rectangle {
        z: 2
        anchors.fill: pages
        visible: cashier.sheet !== ""
        color: Qt.alpha(Theme.ink, 0.45)
        MouseArea { anchors.fill: parent; onClicked: cashier.closeSheet() }
    }
    Loader {
        id: sheets
        z: 3
        anchors.centerIn: pages
        width: item ? Math.min(item.implicitWidth, pages.width - 2 * Theme.gap) : 0
        height: item ? Math.min(item.implicitHeight, pages.height - 2 * Theme.gap) : 0
    }

    Notice {
        objectName: "refusal"
        z: 4
        anchors {
            bottom: parent.bottom; bottomMargin: Theme.gap
            horizontalCenter: parent.horizontalCenter
        }
        width: Math.min(parent.width - 2 * Theme.gap, Theme.px(820))
        // Where a PIN is asked for, the pad itself says what was wrong with it
        text: cashier.page === "Pin" ? "" : cashier.view.refusalText
        icon: "alert"
        kind: "bad"
        size: Theme.label
        border.width: 2
    }
}
