import QtQuick
import theme
import controls

// Locked: the clerk says who they are by PIN.
Item {
    id: page
    required property var view
    property string typed: ""
    readonly property bool isWaiting: view.pinLockedS > 0

    function key(name) {
        if (isWaiting)
            return
        if (/^[0-9]+$/.test(name) && typed.length < 12)
            typed += name
        else if (name === "back")
            typed = typed.slice(0, -1)
        else if (name === "clear")
            typed = ""
        else if (name === "enter" && typed !== "") {
            view.act.signIn(typed)
            typed = ""
        }
    }

    Card {
        anchors.centerIn: parent
        width: pad.width + 2 * Theme.gapLarge
        height: inner.implicitHeight + 2 * Theme.gapLarge
        Column {
            id: inner
            anchors.centerIn: parent
            spacing: Theme.gap
            Row {
                anchors.horizontalCenter: parent.horizontalCenter
                spacing: Theme.gapSmall
                Icon { name: "lock"; size: Theme.title; color: page.isWaiting ? Theme.bad : Theme.brand }
                Label {
                    anchors.verticalCenter: parent.verticalCenter
                    text: page.isWaiting ? page.view.words.pinLocked.arg(page.view.pinLockedS)
                        : page.view.words.enterPin
                    size: Theme.label
                    isStrong: true
                    color: page.isWaiting ? Theme.bad : Theme.ink
                    width: Math.min(implicitWidth, pad.width - Theme.title - Theme.gap)
                    wrapMode: Text.NoWrap
                    fontSizeMode: Text.HorizontalFit
                    minimumPixelSize: Theme.small
                }
            }
            Dots { anchors.horizontalCenter: parent.horizontalCenter; count: page.typed.length }
            Pad {
                id: pad
                width: Math.max(implicitWidth, Theme.px(430))
                height: Math.max(implicitHeight, Theme.px(330))
                isOn: !page.isWaiting
                onKeyed: name => page.key(name)
            }
        }
    }
}
