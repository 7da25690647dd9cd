import QtQuick
import theme
import controls

// Nothing may be sold: why, and the one thing to do. The strip stays in sight.
Item {
    id: page
    required property var view
    required property var cashier
    readonly property string cause: view.code.split(".")[0]
    readonly property bool isTall: height > width * 0.8
    readonly property string doing: {
        const known = page.view.words["do_" + page.cause]
        return known || page.view.words.do_other
    }
    function key(name) {
        if (name === "more")
            cashier.openSheet("More")
        else if (name === "enter" && act.visible)
            act.trigger()
    }

    Card {
        id: why
        kind: "bad"
        anchors { top: parent.top; left: parent.left; margins: Theme.gap }
        width: page.isTall ? parent.width - 2 * Theme.gap : parent.width * (Theme.isLargePrint ? 0.46 : 0.58) - Theme.gap * 1.5
        height: page.isTall ? parent.height * 0.58 : parent.height - 2 * Theme.gap
        Column {
            anchors { left: parent.left; right: parent.right; margins: Theme.gapHuge; verticalCenter: parent.verticalCenter }
            spacing: Theme.gapLarge
            Heading {
                icon: "alert"; kind: "bad"
                text: page.view.words.blocked
                size: Theme.display
                room: parent.width
            }
            Label { width: parent.width; text: page.view.codeText; size: Theme.title; isStrong: true }
            Card {
                width: parent.width
                height: todo.implicitHeight + 2 * Theme.gapLarge
                Column {
                    id: todo
                    anchors { left: parent.left; right: parent.right; margins: Theme.gapLarge; verticalCenter: parent.verticalCenter }
                    spacing: Theme.gapSmall
                    Label { text: page.view.words.oneThing; size: Theme.body; color: Theme.inkSoft }
                    Label { width: parent.width; text: page.doing; size: Theme.label; isStrong: true }
                }
            }
            Button {
                id: act
                objectName: "mend"
                readonly property bool isCap: page.cause === "limits"
                readonly property bool isClock: page.cause === "clock"
                visible: isCap ? page.view.mayExtend : isClock
                width: parent.width
                height: Theme.target * 1.2
                kind: "brand"
                size: Theme.label
                hint: "Enter"
                icon: isCap ? "key" : "clock"
                text: isCap ? page.view.words.extendCaps
                    : page.view.words.clockRight + "  " + page.view.dateText + " " + page.view.timeText
                onPressed: isCap
                    ? page.cashier.askSupervisor(page.view.codeText, pin => page.view.act.extend(pin))
                    : page.view.act.acceptClock()
            }
        }
    }
    Strip {
        anchors {
            left: page.isTall ? parent.left : why.right
            top: page.isTall ? why.bottom : parent.top
            right: parent.right; bottom: parent.bottom; margins: Theme.gap
        }
        view: page.view
        cashier: page.cashier
    }
}
