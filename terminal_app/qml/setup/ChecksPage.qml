import QtQuick
import theme
import controls
import "../diner"

// Each device, ticked as it does its work, or left out with a word.
FocusScope {
    id: page
    required property var view
    readonly property var w: view.words
    readonly property bool isDone: view.stage === "done"
    focus: true
    Keys.onReturnPressed: view.act.done()
    Keys.onEnterPressed: view.act.done()

    Fit {
        anchors.centerIn: parent
        width: Math.min(page.width, Theme.px(1000))
        height: page.height
        spacing: Theme.gap
        Row {
            width: parent.width
            spacing: Theme.gap
            Column {
                width: parent.width - bound.width - parent.spacing
                Label { width: parent.width; text: page.w.setupChecks; size: Theme.title; isStrong: true }
                Label { width: parent.width; text: page.w.setupChecksText; color: Theme.inkSoft }
            }
            Chip {
                id: bound
                anchors.verticalCenter: parent.verticalCenter
                kind: "good"
                icon: "check"
                text: page.w.setupBound
                size: Theme.body
            }
        }
        Repeater {
            model: page.view.checks
            delegate: CheckRow {
                width: parent ? parent.width : 0
                view: page.view
            }
        }
        Notice {
            width: parent.width
            text: page.view.isDesk ? page.w.setupDesk : page.w.setupPractice
            icon: "next"
        }
        Button {
            objectName: "done"
            anchors.right: parent.right
            width: Math.min(page.width, Math.max(implicitWidth, Theme.px(420)))
            kind: page.view.openCount === 0 ? "good" : "plain"
            icon: page.view.openCount === 0 ? "check" : "next"
            isOn: !page.isDone
            text: page.isDone ? page.w.setupDone : page.view.openCount === 0 ? page.w.setupGo
                : page.w.setupGoAnyway.arg(page.view.openCount)
            onPressed: page.view.act.done()
        }
    }
}
