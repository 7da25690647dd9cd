import QtQuick
import theme
import controls

// One question and its answers, of which one is chosen. `options`: [{ value, text }].
Column {
    id: choices
    property string title: ""
    property var options: []
    property var value
    signal chosen(var value)
    spacing: Theme.gapTiny
    Label { width: choices.width; text: choices.title; visible: text !== ""; color: Theme.inkSoft }
    Row {
        width: choices.width
        spacing: Theme.gapSmall
        Repeater {
            model: choices.options
            delegate: Button {
                required property var modelData
                objectName: modelData.name
                width: (choices.width - Theme.gapSmall * (choices.options.length - 1)) / choices.options.length
                text: modelData.text
                icon: choices.value === modelData.value ? "check" : ""
                kind: choices.value === modelData.value ? "brand" : "plain"
                onPressed: choices.chosen(modelData.value)
            }
        }
    }
}
