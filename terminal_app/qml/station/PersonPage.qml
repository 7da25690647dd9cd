import QtQuick
import theme
import controls
import "../diner"

// One person: is it them, how they stand, and what can be done.
Item {
    id: page
    required property var view
    readonly property var w: view.words
    readonly property var person: view.person

    function key(name) {
        if (name === "enter" && view.mayEnrol && !view.isBusy)
            view.act.enrol()
        else if (name === "clear")
            view.act.back()
    }

    Fit {
        anchors.centerIn: parent
        width: Math.min(page.width, Theme.px(820))
        height: page.height
        spacing: Theme.gap
        Label { text: page.w.personCheck; size: Theme.label; color: Theme.inkSoft }
        Row {
            spacing: Theme.gapLarge
            Label { text: page.person.name || ""; size: Theme.display; isStrong: true; wrapMode: Text.NoWrap }
            Chip {
                anchors.verticalCenter: parent.verticalCenter
                visible: text !== ""
                kind: page.person.standingKind || "plain"
                text: page.person.standingText || ""
                size: Theme.body
            }
        }
        Label {
            width: parent.width
            text: [page.person.number, page.person.group].filter(Boolean).join(" · ")
            size: Theme.title
            color: Theme.inkSoft
        }
        Notice { width: parent.width; text: page.person.comeAgainText || ""; icon: "sync"; kind: "warn" }
        Button {
            objectName: "enrol"
            visible: page.view.mayEnrol
            width: parent.width
            height: Theme.target * 1.2
            kind: "brand"
            icon: "camera"
            size: Theme.title
            isOn: !page.view.isBusy
            text: page.person.standing === "enrolled" || page.person.standing === "again"
                ? page.w.personAgain : page.person.hasConsent ? page.w.personFace : page.w.personEnrol
            onPressed: page.view.act.enrol()
        }
        Row {
            width: parent.width
            spacing: Theme.gapSmall
            readonly property int count: 1 + (page.view.mayRefuse ? 1 : 0) + (page.view.mayWithdraw ? 1 : 0)
            readonly property real third: (width - spacing * (count - 1)) / count
            Button {
                objectName: "refuse"
                visible: page.view.mayRefuse
                width: parent.third
                icon: "cross"
                text: page.w.personRefuse
                isOn: !page.view.isBusy
                onPressed: page.view.act.refuse()
            }
            Button {
                objectName: "withdraw"
                visible: page.view.mayWithdraw
                width: parent.third
                icon: "undo"
                text: page.person.standing === "withdrawn" ? page.w.personWithdrawal : page.w.personWithdraw
                isOn: !page.view.isBusy
                onPressed: page.view.act.withdraw()
            }
            Button {
                objectName: "leave"
                width: parent.third
                icon: "back"
                text: page.w.deskBack
                onPressed: page.view.act.back()
            }
        }
        Label { width: parent.width; text: page.w.personOtherWays; color: Theme.inkSoft }
    }
}
