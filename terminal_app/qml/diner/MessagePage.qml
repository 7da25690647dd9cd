import QtQuick
import theme
import controls

// One thing is said: closed, working, on the phone, coming back, not paid.
Item {
    id: page
    required property var view
    property color front: Theme.ink
    property color frontSoft: Theme.inkSoft
    readonly property string kind: view.dinerPage
    readonly property bool isOnColour: kind === "closed" || kind === "back"
    readonly property bool hasWays: kind === "declined"
    readonly property bool isBusy: view.phase === "cancelling"
        || (kind === "working" && view.isSpinning) || view.phase === "starting"
    readonly property bool hasAmount: kind !== "closed" && view.dinerAmountText !== ""

    readonly property string icon: {
        switch (view.phase) {
        case "no_period": return "clock"
        case "locked": return "pause"
        case "blocked": return "next"
        case "authorising": return credentials[view.credential] || "check"
        case "second_factor": return "card"
        case "awaiting": return "phone"
        case "reversed": return "undo"
        case "declined": return "alert"
        }
        return "meal"
    }
    readonly property var credentials: ({
        "card": "card", "wallet_code": "code", "channel_code": "phone", "face": "face",
        "number": "number", "cash": "cash"
    })

    Column {
        anchors.centerIn: parent
        anchors.verticalCenterOffset: page.hasWays ? -Theme.px(96) : -Theme.gapLarge
        width: parent.width
        spacing: Theme.gapLarge

        Item {
            anchors.horizontalCenter: parent.horizontalCenter
            width: medal.size
            height: medal.size
            Medal {
                id: medal
                size: Theme.px(page.hasWays ? 150 : 190)
                icon: page.isBusy ? "" : page.icon
                ground: page.isOnColour ? Qt.alpha("#ffffff", 0.16)
                    : page.kind === "declined" ? Theme.ink : Theme.brandSoft
                front: page.isOnColour ? "#ffffff"
                    : page.kind === "declined" ? Theme.amber : Theme.brand
            }
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
            visible: page.hasAmount
            width: parent.width
            text: page.view.dinerAmountText
            size: Theme.amount * (page.hasWays ? 0.9 : 1.3)
            color: page.front
            horizontalAlignment: Text.AlignHCenter
        }
        Label {
            objectName: "diner.headline"
            width: parent.width
            text: page.view.dinerHeadline
            size: Theme.display * (page.isOnColour ? 1.4 : 1.05)
            isStrong: true
            color: page.front
            horizontalAlignment: Text.AlignHCenter
        }
        Label {
            objectName: "diner.next"
            visible: page.view.phase === "no_period" && page.view.nextStartsText !== ""
            width: parent.width
            text: page.view.words.dinerNextMeal + "  " + page.view.nextMealText + "  "
                + page.view.nextStartsText
            size: Theme.display * 0.9
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
        Countdown {
            anchors.horizontalCenter: parent.horizontalCenter
            visible: seconds >= 0 && (page.kind === "phone" || page.kind === "factor")
            seconds: page.view.secondsLeft
            color: Theme.brand
        }
    }
    Ways {
        visible: page.hasWays
        view: page.view
        anchors { horizontalCenter: parent.horizontalCenter; bottom: parent.bottom }
        tile: Math.min(Theme.px(150), page.height * 0.22)
        front: Theme.ink
    }
}
