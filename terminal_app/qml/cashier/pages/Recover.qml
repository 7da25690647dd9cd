import QtQuick
import theme
import controls

// After a power cut: the server is asked, and the operator where it cannot say.
Item {
    id: page
    required property var view
    required property var cashier
    function key(name) {}

    Column {
        anchors { top: parent.top; topMargin: Theme.gapHuge; horizontalCenter: parent.horizontalCenter }
        width: Math.min(parent.width - 2 * Theme.gapLarge, Theme.px(980))
        spacing: Theme.gapLarge
        Heading { icon: "power"; text: page.view.words.recover; kind: "warn" }
        Label {
            width: parent.width
            text: page.view.words.recoverText
            size: Theme.label
            color: Theme.inkSoft
        }
        Repeater {
            model: page.view.questions
            delegate: Card {
                id: question
                required property string key
                required property string amountText
                required property string way
                required property string atText
                required property bool isAsked
                required property bool isWaiting
                width: parent.width
                height: Math.max(Theme.target + 2 * Theme.gap, words.implicitHeight + 2 * Theme.gap)
                Column {
                    id: words
                    anchors { left: parent.left; leftMargin: Theme.gapLarge; verticalCenter: parent.verticalCenter }
                    AmountText { text: question.amountText; size: Theme.heading }
                    Label { text: question.atText + " · " + question.way; color: Theme.inkSoft }
                }
                Row {
                    anchors { right: parent.right; rightMargin: Theme.gap; verticalCenter: parent.verticalCenter }
                    spacing: Theme.gap
                    visible: question.isAsked
                    Button {
                        objectName: "notHandedOver"
                        text: page.view.words.notHandedOver
                        icon: "cross"
                        onPressed: page.view.act.handedOver(question.key, false)
                    }
                    Button {
                        objectName: "handedOver"
                        text: page.view.words.handedOver
                        icon: "check"
                        kind: "good"
                        onPressed: page.view.act.handedOver(question.key, true)
                    }
                }
                Row {
                    anchors { right: parent.right; rightMargin: Theme.gapLarge; verticalCenter: parent.verticalCenter }
                    spacing: Theme.gap
                    visible: !question.isAsked
                    Spinner { anchors.verticalCenter: parent.verticalCenter; width: Theme.title; height: width }
                    Label {
                        anchors.verticalCenter: parent.verticalCenter
                        text: question.isWaiting ? page.view.words.recoverWaits : page.view.words.recoverAsking; color: Theme.inkSoft; wrapMode: Text.NoWrap }
                    Button {
                        objectName: "stopWaiting"
                        visible: question.isWaiting
                        text: page.view.words.stopSale
                        icon: "stop"
                        onPressed: page.view.act.handedOver(question.key, false)
                    }
                }
            }
        }
    }
}
