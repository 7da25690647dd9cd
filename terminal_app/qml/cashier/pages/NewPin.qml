import QtQuick
import theme
import controls

// First use: their own PIN, typed twice.
Item {
    id: page
    required property var view
    required property var cashier
    property string first: ""
    property string typed: ""
    property bool isDifferent: false

    function key(name) {
        if (/^[0-9]+$/.test(name) && typed.length < 12) {
            typed += name
            isDifferent = false
        } else if (name === "back")
            typed = typed.slice(0, -1)
        else if (name === "clear")
            startOver(false)
        else if (name === "enter" && typed.length >= 6)
            accept()
    }
    function accept() {
        if (first === "") {
            first = typed
            typed = ""
        } else if (first === typed)
            view.act.newPin(typed)
        else
            startOver(true)
    }
    function startOver(isWrong) {
        first = ""
        typed = ""
        isDifferent = isWrong
    }

    Card {
        anchors.centerIn: parent
        width: inner.width + 2 * Theme.gapLarge
        height: inner.implicitHeight + 2 * Theme.gapLarge
        Column {
            id: inner
            anchors.centerIn: parent
            width: Math.max(pad.width, Theme.px(520))
            spacing: Theme.gap
            Heading {
                anchors.horizontalCenter: parent.horizontalCenter
                icon: "key"
                size: Theme.title
                room: inner.width
                text: page.first === "" ? page.view.words.newPin : page.view.words.newPinAgain
            }
            Label {
                anchors.horizontalCenter: parent.horizontalCenter
                text: page.isDifferent ? page.view.words.newPinDiffers : page.view.words.newPinRule
                color: page.isDifferent ? Theme.bad : Theme.inkSoft
                isStrong: page.isDifferent
            }
            Dots { anchors.horizontalCenter: parent.horizontalCenter; count: page.typed.length }
            Pad {
                id: pad
                anchors.horizontalCenter: parent.horizontalCenter
                width: Math.max(implicitWidth, Theme.px(430))
                height: Math.max(implicitHeight, Theme.px(330))
                onKeyed: name => page.key(name)
            }
        }
    }
}
