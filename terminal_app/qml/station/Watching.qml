import QtQuick
import theme
import controls
import "../diner"

// It is the person's turn, on their own glass: what they do, and the outline while they pose.
Item {
    id: page
    required property var view
    readonly property var w: view.words
    readonly property bool isPosing: view.phase === "posing"

    function key(name) {
        if (name === "clear")
            view.act.back()
    }

    Fit {
        anchors.centerIn: parent
        width: Math.min(page.width, Theme.px(820))
        height: page.height
        spacing: Theme.gap
        Label {
            width: parent.width
            horizontalAlignment: Text.AlignHCenter
            text: [page.view.person.name, page.view.person.number].filter(Boolean).join("   ")
            size: Theme.label
            color: Theme.inkSoft
        }
        FaceRing {
            visible: page.isPosing
            anchors.horizontalCenter: parent.horizontalCenter
            size: Theme.px(260)
            outline: page.view.posing.outline || Qt.rect(0, 0, 0, 0)
            stillShare: page.view.posing.stillShare || 0
            hasFace: page.view.posing.hasFace || false
        }
        Medal {
            visible: !page.isPosing
            anchors.horizontalCenter: parent.horizontalCenter
            icon: page.view.phase === "text" ? "account" : "key"
            size: Theme.px(150)
        }
        Label {
            width: parent.width
            horizontalAlignment: Text.AlignHCenter
            text: page.view.phase === "text" ? page.w.consentRead
                : page.view.phase === "sign" ? (page.view.giver.byCode ? page.w.signCodeTitle : page.w.signWaits)
                : page.view.isSaving ? page.w.poseSaving : page.w.poseTitle
            size: Theme.heading
            isStrong: true
        }
        Label {
            width: parent.width
            horizontalAlignment: Text.AlignHCenter
            text: page.isPosing ? page.view.posing.hintText || "" : page.view.phase === "text" ? page.w.consentReadText : ""
            size: Theme.label
            color: page.view.posing.isAdvice ? Theme.warn : Theme.inkSoft
        }
        Notice { width: parent.width; text: page.isPosing ? page.view.deviceText : ""; icon: "camera"; kind: "warn" }
        Row {
            anchors.horizontalCenter: parent.horizontalCenter
            spacing: Theme.gap
            Button {
                objectName: "leave"
                icon: "back"
                text: page.w.deskBack
                onPressed: page.view.act.back()
            }
        }
    }
}
