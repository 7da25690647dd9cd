import QtQuick
import theme
import controls

// Is this you, and is this what you pay? Two keys, and silence costs nothing.
Item {
    id: page
    required property var view

    Column {
        anchors { left: parent.left; right: parent.right; top: parent.top; bottom: keys.top }
        anchors.bottomMargin: Theme.gap
        spacing: 0
        Item {
            width: parent.width
            height: Theme.display * 1.5
            Label {
                anchors { left: parent.left; verticalCenter: parent.verticalCenter }
                text: page.view.dinerHeadline
                size: Theme.heading
                color: Theme.inkSoft
            }
            Countdown {
                anchors { right: parent.right; verticalCenter: parent.verticalCenter }
                seconds: page.view.secondsLeft
            }
        }
        Label {
            objectName: "diner.name"
            width: parent.width
            text: page.view.name
            size: Theme.display * 1.25
            isStrong: true
        }
        AmountText {
            objectName: "diner.amount"
            width: parent.width
            text: page.view.dinerAmountText
            size: Theme.amount * 1.75
            color: Theme.brand
        }
    }
    Notice {
        anchors { left: parent.left; right: parent.right; bottom: keys.top; bottomMargin: Theme.gapLarge }
        text: page.view.dinerSentence
        size: Theme.title
        icon: page.view.paidLabel !== "" ? "clock" : "person"
        kind: page.view.paidLabel !== "" ? "warn" : "calm"
    }
    Row {
        id: keys
        anchors { left: parent.left; right: parent.right; bottom: parent.bottom }
        spacing: Theme.gapLarge
        readonly property real room: page.width - (page.view.dinerMayConfirm ? spacing : 0)
        height: Math.max(Theme.target * 1.5, Theme.px(136))
        Button {
            objectName: "diner.confirm"
            visible: page.view.dinerMayConfirm
            width: keys.room * 0.62
            height: keys.height
            kind: "good"
            icon: "check"
            text: page.view.words.confirm
            size: Theme.heading
            onPressed: page.view.act.confirm("diner")
        }
        Button {
            objectName: "diner.notMe"
            width: page.view.dinerMayConfirm ? keys.room * 0.38 : keys.room
            height: keys.height
            icon: "cross"
            text: page.view.words.notMe
            size: Theme.heading * 0.85
            onPressed: page.view.act.notMe()
        }
    }
}
