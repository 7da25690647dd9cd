import QtQuick
import theme
import controls

// One sum of cash with its word, white on the page's colour; figures stand on one line.
Column {
    id: figure
    property string word: ""
    property string amountText: ""
    property real share: 1
    Label {
        anchors.horizontalCenter: parent.horizontalCenter
        text: figure.word
        size: Theme.title
        color: "#ffffff"
    }
    AmountText {
        anchors.horizontalCenter: parent.horizontalCenter
        height: Theme.amount * 1.9
        verticalAlignment: Text.AlignVCenter
        text: figure.amountText
        size: Theme.amount * figure.share
        color: "#ffffff"
    }
}
