import QtQuick
import theme
import controls

// One thing is said: closed, working, on the phone, coming back, not paid.
Item {
    id: page
    required property var view
    property color front: Theme.ink
    readonly property string kind: view.dinerPage
    readonly property bool isOnColour: kind === "closed" || kind === "back"
    readonly property bool isDeclined: kind === "declined"
    readonly property bool isBusy: ["cancelling", "starting", "recover"].includes(view.phase)
        || (kind === "working" && view.isSpinning)
    readonly property bool hasAmount: kind !== "closed" && kind !== "leave" && view.dinerAmountText !== ""

    readonly property string icon: {
        switch (view.phase) {
        case "no_period": return "clock"
        case "locked": return "pause"
        case "blocked": return "next"
        case "authorising": return credentials[view.credential]
            || (view.tender === "cash" ? "cash" : "check")
        case "second_factor": return "card"
        case "awaiting": return "phone"
        case "reversed": return "undo"
        case "clearing": return page.view.isUndo ? "undo" : page.credentials[page.view.credential] || "check"
        case "declined": return "alert"
        case "top_up": return isDeclined ? "alert" : "cash"
        }
        return "meal"
    }
    readonly property var credentials: ({
        "card": "card", "wallet_code": "code", "channel_code": "phone", "face": "face",
        "number": "number"
    })

    Fit {
        anchors { left: parent.left; right: parent.right; top: parent.top; bottom: ways.top }
        anchors.bottomMargin: Theme.gap
        spacing: Theme.gap

        Medal {
            id: medal
            anchors.horizontalCenter: parent.horizontalCenter
            size: Theme.px(page.isDeclined ? 140 : 200)
            icon: page.isBusy ? "" : page.icon
            ground: page.isOnColour ? Qt.alpha("#ffffff", 0.16)
                : page.isDeclined ? Theme.ink : Theme.brandSoft
            front: page.isOnColour ? "#ffffff" : page.isDeclined ? Theme.amber : Theme.brand
            Spinner {
                visible: page.isBusy
                anchors.centerIn: parent
                width: medal.size * 0.6
                height: width
                color: medal.front
            }
        }
        AmountText {
            objectName: "diner.amount"
            visible: page.hasAmount && !page.isDeclined
            width: parent.width
            text: page.view.dinerAmountText
            size: Theme.amount * 1.4
            color: page.front
            horizontalAlignment: Text.AlignHCenter
        }
        Label {
            objectName: "diner.headline"
            width: parent.width
            text: page.view.dinerHeadline
            size: Theme.display * (page.kind === "closed" ? 1.4 : 1.1)
            isStrong: true
            color: page.front
            horizontalAlignment: Text.AlignHCenter
        }
        Label {
            visible: page.view.phase === "top_up" && text !== ""
            width: parent.width
            text: page.view.dinerName
            size: Theme.display
            color: page.front
            horizontalAlignment: Text.AlignHCenter
        }
        Label {
            objectName: "diner.next"
            visible: page.view.phase === "no_period" && page.view.nextStartsText !== ""
            width: parent.width
            text: page.view.words.dinerNextMeal + "  " + page.view.nextMealText + "  "
                + page.view.nextStartsText
            size: Theme.display
            color: page.front
            horizontalAlignment: Text.AlignHCenter
        }
        Label {
            objectName: "diner.sentence"
            visible: text !== ""
            width: parent.width
            text: page.view.dinerSentence
            size: Theme.heading
            color: page.front
            horizontalAlignment: Text.AlignHCenter
        }
        Label {
            visible: page.hasAmount && page.isDeclined
            width: parent.width
            // What was to be paid is still due; what was to be added is not
            text: (page.view.phase === "declined" ? page.view.words.dinerDue + "  " : "") + page.view.dinerAmountText
            size: Theme.heading
            isStrong: true
            color: page.front
            horizontalAlignment: Text.AlignHCenter
        }
        Countdown {
            anchors.horizontalCenter: parent.horizontalCenter
            visible: seconds >= 0 && (page.kind === "phone" || page.kind === "factor")
            size: Theme.target * 1.3
            seconds: page.view.secondsLeft
            color: Theme.brand
        }
    }
    Ways {
        id: ways
        visible: page.isDeclined && page.view.phase === "declined"
        view: page.view
        anchors { horizontalCenter: parent.horizontalCenter; bottom: parent.bottom }
        tile: page.isDeclined ? Math.min(Theme.px(150), page.height * 0.22) : 0
        front: Theme.ink
    }
}
