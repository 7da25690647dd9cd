import QtQuick
import theme
import controls

// Always there: which counter, which meal, who works; devices, wire, language, more.
Rectangle {
    id: bar
    required property var view
    signal sheetAsked(string name)
    color: Theme.brandDeep
    implicitHeight: Math.max(Theme.px(60), Theme.target, (Theme.body + Theme.small) * 1.65)

    Row {
        id: place
        readonly property real room: bar.width - tools.width - x - children[0].width
            - spacing - 2 * Theme.gap
        anchors { left: parent.left; leftMargin: Theme.gap; verticalCenter: parent.verticalCenter }
        spacing: Theme.gapSmall * 1.5
        // Our mark: a meal ticket
        Rectangle {
            anchors.verticalCenter: parent.verticalCenter
            width: mark.implicitWidth + Theme.gap * 1.5
            height: Theme.px(38)
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
                id: mark
                anchors.centerIn: parent
                text: bar.view.words.appName
                size: Theme.body
                isStrong: true
                color: Theme.brandDeep
                wrapMode: Text.NoWrap
            }
        }
        Column {
            anchors.verticalCenter: parent.verticalCenter
            visible: place.room > Theme.pt(120)
            Label {
                text: bar.view.storeName + " · " + bar.view.terminalName
                size: Theme.body
                isStrong: true
                color: Theme.brandInk
                wrapMode: Text.NoWrap
                elide: Text.ElideRight
                width: Math.max(0, Math.min(implicitWidth, place.room))
            }
            Label {
                text: [bar.view.dateText + " " + bar.view.timeText, bar.view.mealText,
                    bar.view.operatorName].filter(part => part !== "").join(" · ")
                size: Theme.small
                color: Theme.brandInk
                opacity: 0.85
                wrapMode: Text.NoWrap
                elide: Text.ElideRight
                width: Math.max(0, Math.min(implicitWidth, place.room))
            }
        }
    }

    Row {
        id: tools
        anchors { right: parent.right; rightMargin: Theme.gapSmall; verticalCenter: parent.verticalCenter }
        spacing: Theme.gapSmall

        Press {
            objectName: "devices"
            width: signs.width + Theme.gap
            height: bar.height
            onPressed: bar.sheetAsked("Devices")
            Row {
                id: signs
                anchors.centerIn: parent
                spacing: Theme.gapSmall
                Repeater {
                    model: bar.view.devices
                    delegate: Item {
                        id: device
                        required property string kind
                        required property string kindText
                        required property string state
                        readonly property bool isReady: state === "ready"
                        anchors.verticalCenter: parent ? parent.verticalCenter : undefined
                        width: isReady ? sign.width : chip.implicitWidth
                        height: chip.implicitHeight
                        // While it works its icon is enough; when it does not, its name is said
                        Icon {
                            id: sign
                            anchors.centerIn: parent
                            visible: device.isReady
                            name: device.kind === "card_reader" ? "card" : device.kind
                            size: Theme.label * 1.1
                            color: Theme.brandInk
                        }
                        Chip {
                            id: chip
                            visible: !device.isReady
                            kind: "warn"
                            icon: bar.view.lostCount > 1
                                ? (device.kind === "card_reader" ? "card" : device.kind) : "alert"
                            mark: bar.view.lostCount > 1 ? "cross" : ""
                            // One name is read in passing, three are not: then only their signs
                            text: bar.view.lostCount > 1 ? "" : device.kindText
                        }
                    }
                }
            }
        }
        Badge {
            objectName: "badge"
            view: bar.view
            height: bar.height
            onPressed: bar.sheetAsked("Queue")
        }
        BarButton {
            objectName: "language"
            text: bar.view.words.language
            height: bar.height
            onPressed: bar.view.switchLanguage()
        }
        BarButton {
            objectName: "more"
            icon: "menu"
            height: bar.height
            onPressed: bar.sheetAsked("More")
        }
    }
}
