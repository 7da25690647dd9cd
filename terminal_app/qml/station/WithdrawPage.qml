import QtQuick
import theme
import controls
import "../diner"
import "../cashier/pages"

// Taking it back: what it does, and afterwards which counters have forgotten the face.
Item {
    id: page
    required property var view
    readonly property var w: view.words
    readonly property bool isAsked: view.phase === "withdraw"

    function key(name) {
        if (name === "clear")
            view.act.back()
        else if (name === "enter" && !isAsked)
            view.act.confirm()
    }

    Fit {
        anchors.centerIn: parent
        width: Math.min(page.width, Theme.px(800))
        height: page.height
        spacing: Theme.gap
        Heading {
            icon: page.isAsked ? "undo" : page.view.isGone ? "check" : "clock"
            kind: page.isAsked ? "warn" : page.view.isGone ? "good" : "calm"
            text: page.isAsked ? page.w.withdrawTitle : page.w.withdrawnTitle
            room: parent.width
            size: Theme.title
        }
        Label {
            width: parent.width
            text: [page.view.person.name, page.view.person.number].filter(Boolean).join("   ")
            size: Theme.label
            isStrong: true
        }
        Label {
            width: parent.width
            text: page.isAsked ? page.w.withdrawText : page.view.isGone ? page.w.withdrawnGone : page.w.withdrawnGoing
            size: Theme.label
            color: Theme.inkSoft
        }
        Repeater {
            model: page.isAsked ? null : page.view.counters
            delegate: Card {
                id: one
                required property string name
                required property string how
                required property string howText
                width: parent ? parent.width : 0
                height: Theme.target * 0.8
                Label {
                    anchors { left: parent.left; leftMargin: Theme.gap; verticalCenter: parent.verticalCenter }
                    text: one.name
                    isStrong: true
                    wrapMode: Text.NoWrap
                }
                Chip {
                    anchors { right: parent.right; rightMargin: Theme.gap; verticalCenter: parent.verticalCenter }
                    kind: one.how === "waiting" ? "calm" : "good"
                    icon: one.how === "waiting" ? "clock" : "check"
                    text: one.howText
                }
            }
        }
        Row {
            width: parent.width
            spacing: Theme.gap
            Button {
                objectName: "leave"
                visible: page.isAsked
                width: (parent.width - parent.spacing) / 2
                icon: "back"
                text: page.w.deskBack
                onPressed: page.view.act.back()
            }
            Button {
                objectName: "sure"
                width: page.isAsked ? (parent.width - parent.spacing) / 2 : parent.width
                kind: page.isAsked ? "bad" : "brand"
                icon: page.isAsked ? "undo" : "next"
                text: page.isAsked ? page.w.withdrawSure : page.w.deskNextPerson
                isOn: !page.view.isBusy
                onPressed: page.view.act.confirm()
            }
        }
    }
}
