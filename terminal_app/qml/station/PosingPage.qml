import QtQuick
import theme
import controls
import "../diner"

// Poses: an outline of the head in a round glass, an arrow where to turn, one sentence. No picture.
Item {
    id: page
    required property var view
    readonly property var w: view.words
    readonly property var posing: view.posing
    readonly property string step: posing.step || ""
    readonly property bool isWide: width > height * 1.1

    function key(name) {
        if (name === "clear")
            view.act.back()
    }

    Item {
        id: stage
        anchors { top: parent.top; bottom: page.isWide ? parent.bottom : words.top; left: parent.left }
        width: page.isWide ? page.width * 0.52 : page.width
        readonly property real size: Math.min(height * 0.94, width * 0.62)
        FaceRing {
            id: ring
            anchors.centerIn: parent
            size: stage.size
            outline: page.posing.outline || Qt.rect(0, 0, 0, 0)
            stillShare: page.posing.stillShare || 0
            hasFace: page.posing.hasFace || false
        }
        // A mirror: their left is on the left
        Repeater {
            model: [{ step: "left", icon: "back" }, { step: "right", icon: "next" }]
            Rectangle {
                id: arrow
                required property var modelData
                readonly property bool isNow: page.step === modelData.step
                visible: isNow
                width: stage.size * 0.26
                height: width
                radius: width / 2
                color: Theme.brand
                anchors.verticalCenter: ring.verticalCenter
                x: modelData.step === "left" ? ring.x - width * 0.62 : ring.x + ring.width - width * 0.38
                Icon { anchors.centerIn: parent; name: arrow.modelData.icon; size: parent.width * 0.62; color: Theme.brandInk }
            }
        }
        Rectangle {
            visible: page.step === "up"
            width: stage.size * 0.26
            height: width
            radius: width / 2
            color: Theme.brand
            anchors { horizontalCenter: ring.horizontalCenter; top: ring.top; topMargin: -height * 0.3 }
            Icon { anchors.centerIn: parent; name: "next"; rotation: -90; size: parent.width * 0.62; color: Theme.brandInk }
        }
    }
    Column {
        id: words
        anchors { right: parent.right; bottom: page.isWide ? undefined : parent.bottom; verticalCenter: page.isWide ? parent.verticalCenter : undefined }
        width: page.isWide ? page.width * 0.46 : page.width
        spacing: Theme.gapLarge
        Label {
            objectName: "poseHint"
            width: parent.width
            text: page.view.isSaving ? page.w.poseSaving : page.posing.hintText || page.view.deviceText
            size: Theme.heading
            isStrong: true
            color: page.posing.isAdvice ? Theme.warn : Theme.ink
        }
        Flow {
            width: parent.width
            spacing: Theme.gapSmall
            Repeater {
                model: page.view.poses
                delegate: Chip {
                    required property string name
                    required property bool isDone
                    required property bool isNow
                    size: Theme.body
                    text: name
                    icon: isDone ? "check" : isNow ? "face" : ""
                    kind: isDone ? "good" : isNow ? "brand" : "plain"
                }
            }
        }
        Notice {
            width: parent.width
            text: page.view.deviceText
            icon: "camera"
            kind: "warn"
        }
        Label {
            width: parent.width
            visible: page.posing.triesLeft < 3
            text: page.w.poseTries.arg(page.posing.triesLeft)
            size: Theme.label
            color: Theme.warn
        }
        Label { width: parent.width; text: page.w.poseText; size: Theme.label; color: Theme.inkSoft }
    }
}
