import QtQuick
import theme
import controls

// What this window is, the PINs that a cashier would know, and the language.
Rectangle {
    id: bar
    required property var view
    color: Theme.brandDeep
    implicitHeight: Math.max(Theme.px(78), said.implicitHeight + 2 * Theme.gapSmall)

    Column {
        id: said
        anchors {
            left: parent.left; right: pins.left; leftMargin: Theme.gap; rightMargin: Theme.gap
            verticalCenter: parent.verticalCenter
        }
        Label {
            text: bar.view.words.title
            size: Theme.label
            isStrong: true
            color: Theme.brandInk
        }
        Label {
            width: parent.width
            text: bar.view.words.subtitle
            size: Math.round(Theme.small * 0.9)
            color: Theme.brandSoft
        }
    }
    Grid {
        id: pins
        anchors { right: tongue.left; rightMargin: Theme.gap; verticalCenter: parent.verticalCenter }
        columns: 2
        columnSpacing: Theme.gapSmall
        Repeater {
            model: [
                bar.view.words.cashierPin, bar.view.state.cashier_pin,
                bar.view.words.supervisorPin, bar.view.state.supervisor_pin
            ]
            Label {
                required property var modelData
                required property int index
                text: modelData
                size: Math.round(Theme.small * 0.9)
                isStrong: index % 2 === 1
                color: index % 2 ? Theme.brandInk : Theme.brandSoft
                wrapMode: Text.NoWrap
            }
        }
    }
    Press {
        id: tongue
        anchors { right: parent.right; rightMargin: Theme.gap; verticalCenter: parent.verticalCenter }
        objectName: "bench_language"
        implicitWidth: Theme.px(72)
        implicitHeight: Theme.px(44)
        onPressed: bar.view.switchLanguage()
        Rectangle {
            anchors.fill: parent
            radius: Theme.radiusSmall
            color: "transparent"
            border.width: 1
            border.color: Theme.brandSoft
        }
        Label {
            anchors.centerIn: parent
            text: bar.view.words.language
            size: Theme.small
            isStrong: true
            color: Theme.brandInk
        }
    }
}
