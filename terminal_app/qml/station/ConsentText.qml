import QtQuick
import theme
import controls

// The consent, word for word, in the language they read; yes and no are equally large, and
// yes only after the last word was on the glass.
Item {
    id: page
    required property var view
    readonly property var w: view.words
    readonly property var said: view.text
    readonly property bool isAtEnd: scroll.contentY + scroll.height >= scroll.contentHeight - Theme.gap

    function key(name) {
        if (name === "clear")
            view.act.back()
        else if (name === "enter" && !isAtEnd)
            readOn()
    }
    function readOn() {
        scroll.contentY = Math.min(scroll.contentY + scroll.height * 0.8,
            Math.max(0, scroll.contentHeight - scroll.height))
    }

    Row {
        id: head
        anchors { left: parent.left; right: parent.right; top: parent.top }
        spacing: Theme.gap
        Label {
            width: parent.width - tongue.width - version.width - 2 * parent.spacing
            anchors.verticalCenter: parent.verticalCenter
            text: page.said.title || ""
            size: Theme.title
            isStrong: true
        }
        Label {
            id: version
            anchors.verticalCenter: parent.verticalCenter
            text: page.w.consentVersion.arg(page.said.version || "")
            color: Theme.inkSoft
            wrapMode: Text.NoWrap
        }
        Button {
            id: tongue
            objectName: "textLanguage"
            text: page.said.language === "en" ? "中文" : "English"
            isOn: !page.view.isBusy
            onPressed: page.view.act.chooseLanguage(page.said.language === "en" ? "zh" : "en")
        }
    }
    Card {
        anchors { left: parent.left; right: parent.right; top: head.bottom; topMargin: Theme.gap; bottom: buttons.top; bottomMargin: Theme.gap }
        Flickable {
            id: scroll
            objectName: "consent"
            anchors { fill: parent; margins: Theme.gap }
            clip: true
            contentHeight: points.implicitHeight
            boundsBehavior: Flickable.StopAtBounds
            Column {
                id: points
                width: scroll.width
                spacing: Theme.gap
                Repeater {
                    model: page.said.points || []
                    delegate: Label {
                        required property string modelData
                        width: points.width
                        text: modelData
                        size: Theme.label
                    }
                }
                Rectangle { width: parent.width; height: 1; color: Theme.line }
                Label { width: parent.width; text: page.said.photograph || ""; size: Theme.label; color: Theme.inkSoft }
                Label { width: parent.width; text: page.said.agree || ""; size: Theme.label; isStrong: true }
                Label { width: parent.width; text: page.said.guardian || ""; size: Theme.label; isStrong: true }
            }
        }
    }
    Row {
        id: buttons
        anchors { left: parent.left; right: parent.right; bottom: parent.bottom }
        spacing: Theme.gap
        readonly property real third: (width - 2 * spacing) / 3
        Button {
            objectName: "disagree"
            width: buttons.third
            height: Theme.target * 1.15
            icon: "cross"
            text: page.w.consentRefuse
            isOn: !page.view.isBusy
            onPressed: page.view.act.refuse()
        }
        Button {
            objectName: "readOn"
            width: buttons.third
            height: Theme.target * 1.15
            kind: page.isAtEnd ? "plain" : "brand"
            icon: page.isAtEnd ? "check" : "next"
            text: page.isAtEnd ? page.w.consentAll : page.w.consentMore
            isOn: !page.isAtEnd
            onPressed: page.readOn()
        }
        Button {
            objectName: "agree"
            width: buttons.third
            height: Theme.target * 1.15
            kind: page.isAtEnd ? "brand" : "plain"
            icon: "check"
            text: page.w.consentAgree
            isOn: !page.view.isBusy && page.isAtEnd
            onPressed: page.view.act.confirm()
        }
    }
}
