import QtQuick
import theme
import controls

// The way with one's own face: the consent's words first, then how far the poses are.
Rectangle {
    id: sheet
    required property var view
    readonly property var cam: view.state.webcam
    readonly property bool isAsking: cam.stage === "consent"
    color: Qt.alpha(Theme.ink, 0.55)

    MouseArea { anchors.fill: parent }

    Card {
        anchors.centerIn: parent
        width: parent.width - 2 * Theme.gapLarge
        height: Math.min(body.implicitHeight + 2 * Theme.gapLarge, parent.height - 2 * Theme.gapLarge)
        Column {
            id: body
            anchors { left: parent.left; right: parent.right; top: parent.top; margins: Theme.gapLarge }
            spacing: Theme.gap
            Icon {
                visible: !sheet.isAsking
                anchors.horizontalCenter: parent.horizontalCenter
                name: sheet.cam.stage === "failed" ? "alert" : "camera"
                color: sheet.cam.stage === "failed" ? Theme.warn : Theme.brand
                size: Theme.display
            }
            Label {
                width: parent.width
                horizontalAlignment: sheet.isAsking ? Text.AlignLeft : Text.AlignHCenter
                text: sheet.isAsking ? sheet.cam.title
                    : sheet.cam.stage === "opening" ? sheet.view.words.webcamOpening
                    : sheet.cam.stage === "posing" ? sheet.view.words.webcamPosing
                    : sheet.cam.stage === "sending" ? sheet.view.words.webcamSending
                    : sheet.view.state.webcamHint
                size: Theme.label
                isStrong: true
            }
            Repeater {
                model: sheet.isAsking ? sheet.cam.points : []
                Label {
                    required property var modelData
                    width: body.width
                    text: modelData
                    size: Math.round(Theme.small * 0.95)
                }
            }
            Notice {
                width: parent.width
                text: sheet.isAsking ? sheet.view.words.webcamErase : ""
                size: Theme.small
            }
            Label {
                width: parent.width
                visible: sheet.isAsking
                text: sheet.cam.agree
                size: Theme.body
                isStrong: true
            }
            Label {
                width: parent.width
                visible: sheet.cam.stage === "posing"
                horizontalAlignment: Text.AlignHCenter
                text: sheet.view.state.webcamHint + "  " + sheet.cam.done + " / " + sheet.cam.steps
                size: Theme.title
                color: Theme.brand
                isStrong: true
            }
            Row {
                anchors.right: parent.right
                spacing: Theme.gap
                Button {
                    objectName: "bench_webcamNo"
                    text: sheet.isAsking ? sheet.view.words.webcamNo : sheet.view.words.close
                    size: Theme.body
                    onPressed: sheet.view.act("webcamNo")
                }
                Button {
                    objectName: "bench_webcamYes"
                    visible: sheet.isAsking
                    text: sheet.view.words.webcamAsk
                    icon: "camera"
                    kind: "brand"
                    size: Theme.body
                    onPressed: sheet.view.act("webcamYes")
                }
            }
        }
    }
}
