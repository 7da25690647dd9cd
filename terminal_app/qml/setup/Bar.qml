import QtQuick
import theme
import controls
import "../cashier"

// Our mark, where one is, and the choices everybody has; `tools` go between them.
Rectangle {
    id: bar
    required property var view
    property string title: ""
    property string detail: ""
    default property alias tools: extra.data
    signal printAsked()
    signal languageAsked()
    color: Theme.brandDeep
    implicitHeight: Math.max(Theme.px(60), Theme.target, (Theme.body + Theme.small) * 1.65)

    Rectangle {
        id: mark
        anchors { left: parent.left; leftMargin: Theme.gap; verticalCenter: parent.verticalCenter }
        width: name.implicitWidth + Theme.gap * 1.5
        height: Math.max(Theme.px(38), name.implicitHeight + Theme.gapTiny)
        radius: Theme.px(6)
        color: Theme.paper
        Repeater {
            model: 2
            Rectangle {
                required property int index
                width: Theme.px(12)
                height: width
                radius: width / 2
                color: Theme.brandDeep
                anchors.verticalCenter: parent.verticalCenter
                x: index === 0 ? -width / 2 : parent.width - width / 2
            }
        }
        Label {
            id: name
            anchors.centerIn: parent
            text: bar.view.words.appName
            isStrong: true
            color: Theme.brandDeep
            wrapMode: Text.NoWrap
        }
    }
    Column {
        anchors {
            left: mark.right; leftMargin: Theme.gapSmall * 1.5
            right: extra.left; rightMargin: Theme.gap; verticalCenter: parent.verticalCenter
        }
        Label {
            width: parent.width
            text: bar.title
            isStrong: true
            color: Theme.brandInk
            wrapMode: Text.NoWrap
            elide: Text.ElideRight
        }
        Label {
            visible: text !== ""
            width: parent.width
            text: bar.detail
            size: Theme.small
            color: Theme.brandInk
            opacity: 0.85
            wrapMode: Text.NoWrap
            elide: Text.ElideRight
        }
    }
    Row {
        id: extra
        anchors { right: choices.left; rightMargin: Theme.gapSmall; verticalCenter: parent.verticalCenter }
        spacing: Theme.gapSmall
    }
    Row {
        id: choices
        anchors { right: parent.right; rightMargin: Theme.gapSmall; verticalCenter: parent.verticalCenter }
        spacing: Theme.gapSmall
        BarButton {
            objectName: "print"
            text: bar.view.words.largePrint
            height: bar.height
            onPressed: bar.printAsked()
        }
        BarButton {
            objectName: "language"
            text: bar.view.words.language
            height: bar.height
            onPressed: bar.languageAsked()
        }
    }
}
