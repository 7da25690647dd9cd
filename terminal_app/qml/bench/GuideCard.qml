import QtQuick
import theme
import controls

// Thirty seconds: one sentence at a time, and somebody who does it for you.
Card {
    id: card
    required property var view
    readonly property var state: view.state
    readonly property bool isOver: state.guide > state.guideSteps
    kind: "brand"
    implicitHeight: said.implicitHeight + 1.5 * Theme.gap

    Column {
        id: said
        anchors {
            left: parent.left; right: buttons.left; verticalCenter: parent.verticalCenter
            leftMargin: Theme.gap; rightMargin: Theme.gap
        }
        spacing: Theme.gapSmall
        Row {
            spacing: Theme.gapSmall
            Label {
                text: card.view.words.guide
                size: Theme.small
                isStrong: true
                color: Theme.brand
                anchors.verticalCenter: parent.verticalCenter
            }
            Repeater {
                model: card.state.guideSteps
                Rectangle {
                    required property int index
                    readonly property bool isDone: index + 1 < card.state.guide
                    anchors.verticalCenter: parent.verticalCenter
                    width: index + 1 === card.state.guide ? Theme.px(28) : Theme.px(10)
                    height: Theme.px(10)
                    radius: height / 2
                    color: index + 1 <= card.state.guide ? Theme.brand : Theme.line
                }
            }
        }
        Label {
            width: parent.width
            text: card.state.guideText
            size: Theme.body
            isStrong: true
        }
    }
    Row {
        id: buttons
        anchors { right: parent.right; rightMargin: Theme.gap * 0.75; verticalCenter: parent.verticalCenter }
        spacing: Theme.gapSmall
        Button {
            objectName: "bench_guideDo"
            text: card.isOver ? card.view.words.guideEnd : card.view.words.guideDo
            icon: card.isOver ? "check" : "play"
            kind: "brand"
            size: Theme.body
            isOn: card.state.is_up || card.isOver
            onPressed: card.view.act(card.isOver ? "guideSkip" : "guideDo")
        }
        Button {
            objectName: "bench_guideSkip"
            visible: !card.isOver
            text: card.view.words.guideSkip
            kind: "quiet"
            size: Theme.body
            onPressed: card.view.act("guideSkip")
        }
    }
}
