import QtQuick
import theme
import controls

// Paid: the tick, the amount, the name, and for a moment the way back. Cash: what comes back, big.
Item {
    id: page
    required property var view
    readonly property bool isCash: view.phase !== "top_up" && view.tender === "cash"
    readonly property color white: "#ffffff"

    Fit {
        anchors { left: parent.left; right: parent.right; top: parent.top; bottom: undo.top }
        anchors.bottomMargin: Theme.gap
        spacing: Theme.gapSmall
        Medal {
            anchors.horizontalCenter: parent.horizontalCenter
            icon: "check"
            size: Theme.px(page.isCash ? 120 : 176)
            ground: page.white
            front: Theme.good
            weight: 3.4
            NumberAnimation on scale {
                from: 0.7
                to: 1
                duration: Theme.steady
                easing.type: Easing.OutBack
            }
        }
        Label {
            objectName: "diner.headline"
            width: parent.width
            text: page.view.dinerHeadline
            size: Theme.display * 0.85
            isStrong: true
            color: page.white
            horizontalAlignment: Text.AlignHCenter
        }
        AmountText {
            objectName: "diner.amount"
            width: parent.width
            text: page.view.dinerAmountText
            size: Theme.amount * (page.isCash ? 0.9 : 1.6)
            color: page.white
            horizontalAlignment: Text.AlignHCenter
        }
        Label {
            objectName: "diner.name"
            visible: text !== ""
            width: parent.width
            text: page.view.dinerName
            size: Theme.display
            color: page.white
            horizontalAlignment: Text.AlignHCenter
        }
        Row {
            visible: page.isCash && page.view.givenText !== ""
            anchors.horizontalCenter: parent.horizontalCenter
            spacing: Theme.px(88)
            CashFigure {
                word: page.view.words.dinerReceived
                amountText: page.view.givenText
                share: 0.8
            }
            CashFigure {
                objectName: "diner.change"
                word: page.view.words.dinerChange
                amountText: page.view.changeText
                share: 1.4
            }
        }
        Label {
            objectName: "diner.sentence"
            visible: text !== ""
            width: parent.width
            text: page.view.dinerSentence
            size: Theme.heading
            color: page.white
            horizontalAlignment: Text.AlignHCenter
        }
    }
    Button {
        id: undo
        objectName: "diner.undo"
        visible: page.view.dinerMayUndo
        anchors { bottom: parent.bottom; horizontalCenter: parent.horizontalCenter }
        width: Math.max(Theme.px(340), Theme.target * 3)
        height: visible ? Math.max(Theme.target, Theme.px(96)) : 0
        icon: "undo"
        text: page.view.words.cancel + "  " + page.view.dinerUndoLeftS
        size: Theme.title
        onPressed: page.view.act.undo(page.view.paymentId, "diner", "")
    }
}
