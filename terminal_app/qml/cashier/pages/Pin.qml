import QtQuick
import theme
import controls

// Locked: who works here says so by PIN. After a shift its count stays beside the pad.
Item {
    id: page
    required property var view
    required property var cashier
    property string typed: ""
    readonly property bool isWaiting: view.pinLockedS > 0
    readonly property bool isRefused: isWaiting || view.refusalText !== ""
    readonly property bool isTall: height > width

    function key(name) {
        if (isWaiting)
            return
        if (/^[0-9]+$/.test(name) && typed.length < 12)
            typed += name
        else if (name === "back")
            typed = typed.slice(0, -1)
        else if (name === "clear")
            typed = ""
        else if (name === "enter" && typed !== "") {
            view.act.signIn(typed)
            typed = ""
        }
    }

    Grid {
        anchors.centerIn: parent
        columns: page.isTall ? 1 : 2
        spacing: Theme.gapHuge
        verticalItemAlignment: Grid.AlignVCenter
        horizontalItemAlignment: Grid.AlignHCenter

        Column {
            width: Math.min(page.width * (page.isTall ? 0.9 : 0.46), Theme.px(560))
            spacing: Theme.gap
            Label {
                visible: !page.view.isClosed
                width: parent.width
                text: page.view.merchantName
                size: Theme.label
                color: Theme.inkSoft
            }
            Label {
                visible: !page.view.isClosed
                width: parent.width
                text: page.view.storeName
                size: Theme.heading
                isStrong: true
            }
            AmountText {
                visible: !page.view.isClosed
                width: parent.width
                text: page.view.timeText
                size: Theme.amount
                color: Theme.brand
            }
            Label {
                visible: !page.view.isClosed
                text: page.view.dateText + (page.view.mealText ? " · " + page.view.mealText : "")
                size: Theme.label
                color: Theme.inkSoft
            }
            ClosedShift { visible: page.view.isClosed; width: parent.width; view: page.view }
            Stages {
                visible: !page.view.isClosed
                width: parent.width
                view: page.view
                isOnlyTrouble: true
            }
            Button {
                objectName: "offersPractice"
                visible: page.view.offersPractice && page.view.mayPractise && !page.view.isPractice
                width: parent.width
                icon: "play"
                text: page.view.words.offersPractice
                onPressed: page.cashier.askPractice()
            }
            Repeater {
                model: page.view.settled
                delegate: Notice {
                    required property string amountText
                    required property bool isCharged
                    width: parent.width
                    icon: "power"
                    kind: isCharged ? "calm" : "warn"
                    text: (isCharged ? page.view.words.powerCharged : page.view.words.powerNotCharged)
                        .arg(amountText)
                }
            }
        }

        Card {
            width: pad.width + 2 * Theme.gapLarge
            height: inner.implicitHeight + 2 * Theme.gapLarge
            Column {
                id: inner
                anchors { top: parent.top; topMargin: Theme.gapLarge; horizontalCenter: parent.horizontalCenter }
                spacing: Theme.gap
                Row {
                    anchors.horizontalCenter: parent.horizontalCenter
                    spacing: Theme.gapSmall
                    Icon { name: page.isRefused ? "alert" : "lock"; size: Theme.title; color: page.isRefused ? Theme.bad : Theme.brand }
                    Label {
                        objectName: "asks"
                        text: page.isWaiting ? page.view.words.pinLocked.arg(page.view.pinLockedS)
                            : page.view.refusalText || page.view.words.enterPin
                        size: Theme.label
                        isStrong: true
                        color: page.isRefused ? Theme.bad : Theme.ink
                        anchors.verticalCenter: parent.verticalCenter
                        width: Math.min(implicitWidth, pad.width - Theme.title - Theme.gap)
                        wrapMode: Text.NoWrap
                        fontSizeMode: Text.HorizontalFit
                        minimumPixelSize: Theme.small
                    }
                }
                Dots {
                    anchors.horizontalCenter: parent.horizontalCenter
                    count: page.typed.length
                }
                Item { width: 1; height: Theme.gapTiny }
                Pad {
                    id: pad
                    width: Math.max(implicitWidth, Theme.px(430))
                    height: Math.max(implicitHeight, Theme.px(330))
                    isOn: !page.isWaiting
                    onKeyed: name => page.key(name)
                }
            }
        }
    }
}
