import QtQuick
import theme
import controls

// Where one is, and the two choices everybody has: the language and the size of the print.
Item {
    id: header
    required property var view
    property color front: Theme.ink
    signal printAsked()
    implicitHeight: Theme.target + Theme.gap * 1.5

    Row {
        anchors {
            left: parent.left; leftMargin: Theme.gapHuge
            verticalCenter: parent.verticalCenter; verticalCenterOffset: Theme.gapSmall
        }
        spacing: Theme.gap
        Icon {
            name: "meal"
            size: Theme.heading
            color: header.front
            anchors.verticalCenter: parent.verticalCenter
        }
        Column {
            anchors.verticalCenter: parent.verticalCenter
            Label {
                text: header.view.storeName || header.view.words.appName
                size: Theme.label
                isStrong: true
                color: header.front
                wrapMode: Text.NoWrap
                elide: Text.ElideRight
                width: Math.min(implicitWidth, header.width - 3.4 * Theme.target - 4 * Theme.gapHuge)
            }
            Label {
                visible: text !== ""
                text: [header.view.mealText, header.view.terminalName].filter(Boolean).join(" · ")
                size: Theme.body
                color: header.front
                opacity: 0.8
                wrapMode: Text.NoWrap
            }
        }
    }

    Row {
        anchors {
            right: parent.right; rightMargin: Theme.gapHuge
            verticalCenter: parent.verticalCenter; verticalCenterOffset: Theme.gapSmall
        }
        spacing: Theme.gap
        Repeater {
            model: [{ name: "large", text: header.view.words.dinerLarge },
                    { name: "language", text: header.view.words.language }]
            Press {
                id: choice
                required property var modelData
                readonly property bool isSet: modelData.name === "large" && Theme.isLargePrint
                objectName: "diner." + modelData.name
                width: Math.max(Theme.target * 1.25, said.implicitWidth + 2 * Theme.gap)
                height: Theme.target
                Accessible.role: Accessible.Button
                Accessible.name: modelData.text
                onPressed: modelData.name === "large"
                    ? header.printAsked() : header.view.switchLanguage()
                Rectangle {
                    anchors.fill: parent
                    radius: Theme.radius
                    color: choice.isDown || choice.isSet ? Qt.alpha(header.front, 0.14) : "transparent"
                    border.width: Math.max(1, Theme.stroke)
                    border.color: Qt.alpha(header.front, Theme.isHighContrast ? 1 : 0.35)
                }
                Label {
                    id: said
                    anchors.centerIn: parent
                    text: choice.modelData.text
                    size: Theme.label
                    color: header.front
                    wrapMode: Text.NoWrap
                }
            }
        }
    }
}
