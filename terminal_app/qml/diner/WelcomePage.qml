import QtQuick
import theme
import controls

// Nobody is served yet: what it costs, or a moment's patience.
Item {
    id: page
    required property var view
    readonly property bool hasBoard: view.dinerPriceCount > 0 && view.dinerAmountText === ""

    Row {
        anchors.centerIn: parent
        spacing: Theme.px(72)
        Column {
            anchors.verticalCenter: parent.verticalCenter
            width: page.hasBoard ? page.width * 0.42 : page.width
            spacing: Theme.gapLarge
            Medal {
                icon: "meal"
                size: Theme.px(190)
                x: page.hasBoard ? 0 : (parent.width - width) / 2
            }
            Label {
                width: parent.width
                text: page.view.dinerHeadline
                size: Theme.display * 1.2
                isStrong: true
                horizontalAlignment: page.hasBoard ? Text.AlignLeft : Text.AlignHCenter
            }
            AmountText {
                visible: text !== ""
                width: parent.width
                text: page.view.dinerAmountText
                horizontalAlignment: page.hasBoard ? Text.AlignLeft : Text.AlignHCenter
            }
            Label {
                width: parent.width
                text: page.view.dinerSentence
                size: Theme.title
                color: Theme.inkSoft
                horizontalAlignment: page.hasBoard ? Text.AlignLeft : Text.AlignHCenter
            }
        }
        Column {
            visible: page.hasBoard
            anchors.verticalCenter: parent.verticalCenter
            spacing: Theme.gapSmall
            Label {
                text: page.view.words.dinerPrices
                size: Theme.label
                color: Theme.inkSoft
            }
            PriceBoard {
                view: page.view
                room: page.width * 0.48
                size: Theme.display * 0.95
            }
        }
    }
}
