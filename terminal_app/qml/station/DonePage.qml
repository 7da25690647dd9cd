import QtQuick
import theme
import controls
import "../diner"
import "../cashier/pages"

// Enrolled; who looks alike, masked; and the next person.
Item {
    id: page
    required property var view
    readonly property var w: view.words

    function key(name) {
        if (name === "enter" || name === "next")
            view.act.confirm()
    }

    Fit {
        anchors.centerIn: parent
        width: Math.min(page.width, Theme.px(760))
        height: page.height
        spacing: Theme.gapLarge
        Heading { icon: "check"; kind: "good"; text: page.w.doneTitle; room: parent.width }
        Label {
            width: parent.width
            text: [page.view.person.name, page.view.person.number, page.view.person.group].filter(Boolean).join("   ")
            size: Theme.label
            color: Theme.inkSoft
        }
        Notice {
            width: parent.width
            text: page.view.alikeCount > 0 ? page.w.alikeTitle : ""
            icon: "alert"
            kind: "warn"
            size: Theme.label
        }
        Repeater {
            model: page.view.alike
            delegate: Card {
                id: one
                required property string name
                required property string number
                required property bool isDeclared
                width: parent ? parent.width : 0
                height: Theme.target
                Label {
                    anchors { left: parent.left; leftMargin: Theme.gap; verticalCenter: parent.verticalCenter }
                    text: one.name + "   " + one.number
                    size: Theme.label
                    isStrong: true
                    wrapMode: Text.NoWrap
                }
                Chip {
                    anchors { right: parent.right; rightMargin: Theme.gap; verticalCenter: parent.verticalCenter }
                    visible: one.isDeclared
                    kind: "calm"
                    icon: "check"
                    text: page.w.alikeDeclared
                }
            }
        }
        Button {
            objectName: "nextPerson"
            width: parent.width
            height: Theme.target * 1.2
            kind: "brand"
            icon: "next"
            size: Theme.title
            text: page.w.deskNextPerson
            onPressed: page.view.act.confirm()
        }
    }
}
