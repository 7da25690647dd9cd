import QtQuick
import theme
import controls

// How far the start has come: each stage with its sign, its word, and what it waits for.
Column {
    id: stages
    required property var view
    property bool isOnlyTrouble: false
    spacing: Theme.gapSmall
    Repeater {
        model: stages.view.stages
        Row {
            id: stage
            required property string name
            required property string state
            required property string detail
            readonly property bool isReady: state === "ready"
            readonly property string kind: isReady ? "good" : state === "failed" ? "bad" : "calm"
            visible: !stages.isOnlyTrouble || !isReady
            spacing: Theme.gapSmall
            Icon {
                anchors.verticalCenter: parent.verticalCenter
                name: stage.isReady ? "check" : stage.state === "failed" ? "cross" : "clock"
                size: Theme.label
                color: Theme.strong(stage.kind)
            }
            Label {
                anchors.verticalCenter: parent.verticalCenter
                text: stage.name + (stage.detail === "" ? "" : " · " + stage.detail)
                size: Theme.body
                color: Theme.strong(stage.kind)
                width: Math.min(implicitWidth, (stages.width || Theme.px(600)) - Theme.label - Theme.gapSmall)
            }
        }
    }
}
