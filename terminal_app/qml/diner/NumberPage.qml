import QtQuick
import theme
import controls

// By number: the student or staff number, then one's own PIN. For whoever has nothing with them.
Item {
    id: page
    required property var view
    signal closed()
    property string number: ""
    readonly property bool isSecret: number !== ""

    Fit {
        width: page.width * 0.46
        height: page.height
        isLeft: true
        spacing: Theme.gapLarge * 1.25
        AmountText {
            visible: text !== ""
            width: parent.width
            text: page.view.dinerAmountText
            size: Theme.amount
            color: Theme.brand
        }
        Label {
            width: parent.width
            text: page.isSecret ? page.view.words.dinerPin : page.view.words.dinerNumber
            size: Theme.heading
            isStrong: true
        }
        Label {
            visible: page.isSecret
            text: page.number
            size: Theme.title
            color: Theme.inkSoft
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
                width: parent.width
                anchors.verticalCenter: parent.verticalCenter
                text: pad.typed
                size: Theme.display
                fontSizeMode: Text.HorizontalFit
                wrapMode: Text.NoWrap
                isStrong: true
                Rectangle {
                    anchors { left: parent.left; right: parent.right; top: parent.bottom }
                    height: 2
                    color: Theme.brand
                }
            }
        }
        Button {
            objectName: "diner.back"
            icon: "back"
            text: page.view.words.dinerBack
            size: Theme.title
            height: Theme.target * 1.25
            width: Theme.target * 2.8
            onPressed: page.isSecret ? page.number = "" : page.closed()
        }
    }
    DinerPad {
        id: pad
        objectName: "diner.pad"
        anchors { right: parent.right; top: parent.top; bottom: parent.bottom; topMargin: Theme.gap }
        width: page.width * 0.46
        doneText: page.isSecret ? page.view.words.dinerDone : page.view.words.dinerNext
        onDone: text => {
            if (!page.isSecret) {
                page.number = text
                return
            }
            page.view.act.byNumber(page.number, text, "")
            page.number = ""
            page.closed()
        }
    }
}
