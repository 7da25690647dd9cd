import QtQuick
import theme
import controls

// Cash for a wallet: who, how much, the diner's word on their side, the cashier's PIN, the server.
Item {
    id: page
    required property var view
    required property var cashier
    readonly property var w: view.words
    readonly property string step: view.topUpStep
    readonly property bool isTall: height > width
    property string typed: ""
    onStepChanged: typed = ""

    // Per step: icon, colour, and what is to be done
    readonly property var look: ({
        "who": { icon: "person", kind: "brand", text: w.topUpWho },
        "amount": { icon: "cash", kind: "brand", text: w.topUpAmount },
        "confirm": { icon: "eye", kind: "warn", text: w.topUpConfirm },
        "pin": { icon: "key", kind: "brand", text: w.topUpPin },
        "asking": { icon: "clock", kind: "calm", text: w.topUpAsking },
        "booked": { icon: "check", kind: "good", text: w.topUpBooked },
        "refused": { icon: "cross", kind: "bad", text: w.topUpRefused },
        "waiting": { icon: "clock", kind: "warn", text: w.topUpWaiting }
    })[step] || { icon: "cash", kind: "brand", text: "" }
    readonly property bool isTyping: ["who", "amount", "pin"].includes(step)

    function key(name) {
        const act = view.act
        if (name === "clear")
            typed === "" ? act.clear() : typed = ""
        else if (name === "enter")
            enter()
        else if (step === "amount")
            name === "back" ? act.backspace() : /^[0-9]+$/.test(name) && act.digit(name)
        else if (name === "back")
            typed = typed.slice(0, -1)
        else if (/^[0-9]+$/.test(name) && isTyping && typed.length < 20)
            typed += name
    }
    function enter() {
        const text = typed
        typed = ""
        if (step === "who" && text !== "") view.act.topUpNumber(text)
        else if (step === "pin" && text !== "") view.act.signIn(text)
        else if (step === "amount") view.act.enter()
        else if (!isTyping && step !== "confirm" && step !== "asking") view.act.clear()
    }

    Card {
        id: stage
        kind: page.look.kind
        border.width: 2
        anchors { left: parent.left; top: parent.top; margins: Theme.gap }
        width: page.isTall ? parent.width - 2 * Theme.gap : Math.round(parent.width * 0.57) - Theme.gap * 1.5
        height: page.isTall ? parent.height * 0.34 : parent.height * 0.58
        Heading {
            id: head
            anchors { left: parent.left; top: parent.top; margins: Theme.gap }
            icon: page.look.icon
            kind: page.look.kind
            text: page.w.topUp
            size: Theme.title
            room: stage.width - 2 * Theme.gap
        }
        Column {
            anchors {
                left: parent.left; right: parent.right; margins: Theme.gapLarge
                verticalCenter: parent.verticalCenter; verticalCenterOffset: head.height / 2
            }
            spacing: Theme.gapSmall
            Label {
                width: parent.width
                visible: text !== ""
                horizontalAlignment: Text.AlignHCenter
                text: page.view.topUpName
                size: Theme.heading
                isStrong: true
            }
            AmountText {
                width: parent.width
                visible: page.step !== "who"
                horizontalAlignment: Text.AlignHCenter
                text: page.view.topUpText
                size: Theme.display
                color: Theme.strong(page.look.kind)
            }
            Label {
                width: parent.width
                visible: page.step === "who"
                horizontalAlignment: Text.AlignHCenter
                text: page.typed || "—"
                size: Theme.heading
                isStrong: true
            }
            Dots {
                visible: page.step === "pin"
                anchors.horizontalCenter: parent.horizontalCenter
                count: page.typed.length
            }
            Spinner {
                visible: page.step === "asking"
                anchors.horizontalCenter: parent.horizontalCenter
                width: Theme.heading; height: width
            }
            Label {
                objectName: "sentence"
                width: parent.width
                horizontalAlignment: Text.AlignHCenter
                text: page.look.text
                size: Theme.label
                isStrong: true
                color: Theme.strong(page.look.kind)
            }
            Label {
                width: parent.width
                visible: text !== ""
                horizontalAlignment: Text.AlignHCenter
                text: page.view.topUpRepaidText !== ""
                    ? page.w.topUpRepaid.arg(page.view.topUpRepaidText) : page.view.topUpCodeText
                color: Theme.inkSoft
            }
        }
    }
    Card {
        id: today
        anchors { left: stage.left; top: stage.bottom; topMargin: Theme.gap }
        width: stage.width
        height: page.isTall ? parent.height * 0.22 : parent.height - stage.height - 3 * Theme.gap
        Label {
            id: todayHead
            anchors { left: parent.left; top: parent.top; margins: Theme.gap }
            text: page.w.topUpsToday
            size: Theme.small
            isStrong: true
            color: Theme.inkSoft
        }
        ListView {
            anchors {
                left: parent.left; right: parent.right; top: todayHead.bottom; bottom: parent.bottom
                margins: Theme.gap
            }
            clip: true
            model: page.view.topUps
            delegate: Item {
                id: row
                required property string label
                required property string name
                required property string amountText
                required property string state
                required property string stateText
                readonly property bool isWaiting: state === "open"
                width: ListView.view.width
                height: Theme.label * 2
                Label {
                    anchors.verticalCenter: parent.verticalCenter
                    text: row.label + "  " + row.name
                    wrapMode: Text.NoWrap
                }
                AmountText {
                    anchors { right: chip.left; rightMargin: Theme.gap; verticalCenter: parent.verticalCenter }
                    text: row.amountText
                    size: Theme.body
                }
                Chip {
                    id: chip
                    anchors { right: parent.right; verticalCenter: parent.verticalCenter }
                    kind: row.isWaiting ? "warn" : row.state === "booked" ? "good" : "bad"
                    icon: row.isWaiting ? "clock" : row.state === "booked" ? "check" : "cross"
                    text: row.stateText
                }
            }
        }
    }
    Column {
        id: right
        anchors {
            right: parent.right; bottom: parent.bottom; margins: Theme.gap
            left: page.isTall ? parent.left : stage.right
            top: page.isTall ? today.bottom : parent.top
        }
        spacing: Theme.gapSmall
        Pad {
            width: parent.width
            height: parent.height - out.height - Theme.gapSmall
            isOn: page.isTyping
            enterIcon: page.step === "pin" ? "check" : "next"
            onKeyed: name => page.key(name)
        }
        Button {
            id: out
            objectName: "leaveTopUp"
            width: parent.width
            isOn: page.step !== "asking"
            icon: page.isTyping || page.step === "confirm" ? "cross" : "check"
            hint: "Esc"
            text: page.isTyping || page.step === "confirm" ? page.w.cancel : page.w.topUpDone
            onPressed: page.view.act.clear()
        }
    }
}
