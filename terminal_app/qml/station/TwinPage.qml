import QtQuick
import theme
import controls
import "../setup"
import "../diner"

// A twin or sibling on site who looks alike: no, or yes and perhaps their number.
FocusScope {
    id: page
    required property var view
    readonly property var w: view.words
    property bool isYes: view.twin === "yes"
    property bool hasLetters: false
    focus: true

    function key(name) {
        if (name === "clear")
            view.act.back()
        else if (isYes)
            name === "enter" ? yes() : number.key(name)
    }
    function yes() {
        view.act.twin("yes", number.text.toUpperCase())
    }

    Fit {
        anchors.centerIn: parent
        width: Math.min(page.width, Theme.px(860))
        height: page.height
        spacing: Theme.gapLarge
        Label { width: parent.width; text: page.w.twinTitle; size: Theme.title; isStrong: true }
        Label { width: parent.width; text: page.w.twinText; size: Theme.label; color: Theme.inkSoft }
        Row {
            width: parent.width
            spacing: Theme.gap
            Button {
                objectName: "twinNo"
                width: (parent.width - parent.spacing) / 2
                height: Theme.target * 1.2
                size: Theme.title
                text: page.w.twinNo
                onPressed: page.view.act.twin("no", "")
            }
            Button {
                objectName: "twinYes"
                width: (parent.width - parent.spacing) / 2
                height: Theme.target * 1.2
                size: Theme.title
                kind: page.isYes ? "brand" : "plain"
                text: page.w.twinYes
                onPressed: { page.isYes = true; number.take() }
            }
        }
        Row {
            visible: page.isYes
            width: parent.width
            spacing: Theme.gapSmall
            Entry {
                id: number
                objectName: "twinNumber"
                width: parent.width - typing.width - on.width - 2 * parent.spacing
                title: page.w.twinNumber
                text: page.view.twinNumber
                isUpper: true
                longest: 40
                onEntered: page.yes()
            }
            Button {
                id: typing
                height: number.height
                objectName: "letters"
                text: page.w.pickLetters
                onPressed: { page.hasLetters = !page.hasLetters; number.take() }
            }
            Button {
                id: on
                height: number.height
                objectName: "next"
                kind: "brand"
                icon: "next"
                text: page.w.deskNext
                onPressed: page.yes()
            }
        }
        Letters {
            visible: page.isYes && page.hasLetters
            width: parent.width
            onKeyed: name => number.key(name)
        }
    }
}
