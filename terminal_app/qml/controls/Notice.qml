import QtQuick
import theme

// One sentence that wants to be read: icon, words, colour. Takes no room while it has no words.
Rectangle {
    id: notice
    property string text: ""
    property string icon: "info"
    property string kind: "calm"
    property int size: Theme.body
    // How high it may become; its words shrink before they need more
    property real room: -1
    visible: text !== ""
    implicitHeight: visible ? words.height + Theme.gap * 1.25 : 0
    radius: Theme.radiusSmall
    color: Theme.soft(kind)
    border.width: Theme.stroke
    border.color: Qt.alpha(Theme.strong(kind), 0.5)

    Icon {
        id: sign
        name: notice.icon
        size: notice.size * 1.3
        color: Theme.strong(notice.kind)
        anchors { left: parent.left; leftMargin: Theme.gap; verticalCenter: parent.verticalCenter }
    }
    Label {
        id: words
        text: notice.text
        size: notice.size
        height: notice.room < 0 ? implicitHeight : Math.min(implicitHeight, notice.room - Theme.gap * 1.25)
        fontSizeMode: notice.room < 0 ? Text.FixedSize : Text.Fit
        minimumPixelSize: Theme.small
        verticalAlignment: Text.AlignVCenter
        isStrong: true
        color: Theme.strong(notice.kind)
        anchors {
            left: sign.right; leftMargin: Theme.gapSmall * 1.5
            right: parent.right; rightMargin: Theme.gap
            verticalCenter: parent.verticalCenter
        }
    }
}
