import QtQuick
import theme
import controls
import "../diner"
import "../cashier/pages"

// The poses or the sending did not end well: why, and once more.
Item {
    id: page
    required property var view
    readonly property var w: view.words

    function key(name) {
        if (name === "enter" && !view.isBusy)
            view.act.confirm()
        else if (name === "clear")
            view.act.back()
    }

    Fit {
        anchors.centerIn: parent
        width: Math.min(page.width, Theme.px(760))
        height: page.height
        spacing: Theme.gapLarge
        Heading { icon: "alert"; kind: "warn"; text: page.w.haltedTitle; room: parent.width }
        Label {
            width: parent.width
            text: [page.view.person.name, page.view.person.number].filter(Boolean).join("   ")
            size: Theme.label
            color: Theme.inkSoft
        }
        Button {
            objectName: "again"
            width: parent.width
            height: Theme.target * 1.2
            kind: "brand"
            icon: "sync"
            size: Theme.title
            text: page.w.haltedAgain
            isOn: !page.view.isBusy
            onPressed: page.view.act.confirm()
        }
        Button {
            objectName: "leave"
            width: parent.width
            icon: "back"
            text: page.w.deskBack
            onPressed: page.view.act.back()
        }
    }
}
