import QtQuick
import theme
import controls

// Paid: the tick, the amount, the name, and for a moment the way back. Cash: what comes back, big.
Item {
    id: page
    required property var view
    readonly property bool isCash: view.credential === "cash"
    readonly property bool isClearing: view.phase === "clearing"
    readonly property color white: "#ffffff"

    Column {
        anchors.centerIn: parent
        anchors.verticalCenterOffset: page.view.dinerMayUndo ? -Theme.gapHuge * 1.25 : -Theme.gap
        width: parent.width
        spacing: Theme.gap
        Medal {
            id: tick
            anchors.horizontalCenter: parent.horizontalCenter
            icon: "check"
            size: Theme.px(page.isCash ? 132 : 196)
            ground: page.white
            front: Theme.good
            weight: 3.2
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
            size: Theme.heading
            isStrong: true
            color: page.white
            horizontalAlignment: Text.AlignHCenter
        }
        AmountText {
            objectName: "diner.amount"
            width: parent.width
            text: page.view.dinerAmountText
            size: Theme.amount * (page.isCash ? 1.0 : 1.8)
            color: page.white
            horizontalAlignment: Text.AlignHCenter
        }
        Label {
            objectName: "diner.name"
            visible: text !== ""
            width: parent.width
            text: page.view.name
            size: Theme.display
            color: page.white
            horizontalAlignment: Text.AlignHCenter
        }
        Row {
            visible: page.isCash
            anchors.horizontalCenter: parent.horizontalCenter
            spacing: Theme.px(96)
            Repeater {
                model: [
                    { word: page.view.words.dinerReceived, text: page.view.givenText, size: 0.8 },
                    { word: page.view.words.dinerChange, text: page.view.changeText, size: 1.25 }
                ]
                Column {
                    required property var modelData
                    visible: modelData.text !== ""
                    Label {
                        anchors.horizontalCenter: parent.horizontalCenter
                        text: parent.modelData.word
                        size: Theme.title
                        color: page.white
                    }
                    AmountText {
                        anchors.horizontalCenter: parent.horizontalCenter
                        text: parent.modelData.text
                        size: Theme.amount * parent.modelData.size
                        color: page.white
                    }
                }
            }
        }
        Label {
            objectName: "diner.sentence"
            visible: text !== "" && page.view.dinerIsHint
            width: parent.width
            text: page.view.dinerSentence
            size: Theme.title
            color: page.white
            horizontalAlignment: Text.AlignHCenter
        }
    }
    Button {
        objectName: "diner.undo"
        visible: page.view.dinerMayUndo
        anchors { bottom: parent.bottom; horizontalCenter: parent.horizontalCenter }
        width: Math.max(Theme.px(320), Theme.target * 3)
        height: Math.max(Theme.target, Theme.px(96))
        icon: "undo"
        text: page.view.words.cancel + "  " + page.view.dinerUndoLeftS
        size: Theme.title
        onPressed: page.view.act.undo(page.view.paymentId, "diner", "")
    }
}
