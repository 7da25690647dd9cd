import QtQuick
import theme
import controls

// Is this you, and is this what you pay? Two keys, and silence costs nothing.
Item {
    id: page
    required property var view

    Countdown {
        anchors { right: parent.right; top: parent.top; topMargin: Theme.gap }
        size: Theme.target * 1.3
        seconds: page.view.secondsLeft
    }
    Fit {
        anchors { left: parent.left; right: parent.right; top: parent.top; bottom: notice.top }
        anchors.bottomMargin: Theme.gap
        isLeft: true
        Label {
            width: parent.width - Theme.target * 2
            text: page.view.dinerHeadline
            size: Theme.heading
            color: Theme.inkSoft
        }
        Label {
            objectName: "diner.name"
            width: parent.width - Theme.target * 2
            text: page.view.dinerName
            size: Theme.display * 1.3
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
        id: notice
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
