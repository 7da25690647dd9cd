import QtQuick
import theme
import controls

// The second factor, on the diner's side: nobody behind the counter sees which digits.
Item {
    id: page
    required property var view
    readonly property bool isSecret: view.factor === "pin"

    Fit {
        width: page.width * 0.46
        height: page.height
        isLeft: true
        spacing: Theme.gapLarge
        Label {
            width: parent.width
            text: page.view.name
            size: Theme.heading
            color: Theme.inkSoft
            visible: text !== ""
        }
        AmountText {
            width: parent.width
            text: page.view.dinerAmountText
            size: Theme.amount
            color: Theme.brand
        }
        Label {
            width: parent.width
            text: page.view.dinerHeadline
            size: Theme.heading
            isStrong: true
        }
        Item {
            width: parent.width
            height: Theme.display
            Dots {
                visible: page.isSecret
                anchors.verticalCenter: parent.verticalCenter
                count: pad.typed.length
                dot: Theme.title
            }
            Label {
                visible: !page.isSecret
                anchors.verticalCenter: parent.verticalCenter
                text: pad.typed === "" ? "_ _ _ _" : pad.typed
                size: Theme.display
                isStrong: true
                font.letterSpacing: Theme.gapSmall
                color: pad.typed === "" ? Theme.inkSoft : Theme.ink
            }
        }
        Notice {
            width: parent.width
            text: page.view.dinerSentence
            size: Theme.label
            icon: page.view.dinerIsHint ? "alert" : "lock"
            kind: page.view.dinerIsHint ? "warn" : "calm"
        }
        Countdown { seconds: page.view.secondsLeft }
    }
    DinerPad {
        id: pad
        objectName: "diner.pad"
        anchors { right: parent.right; top: parent.top; bottom: parent.bottom; topMargin: Theme.gap }
        width: page.width * 0.46
        longest: page.isSecret ? 12 : 8
        doneText: page.view.words.dinerDone
        onDone: text => page.view.act.factor(text)
    }
}
