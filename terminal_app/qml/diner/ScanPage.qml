import QtQuick
import QtQuick.Shapes
import theme
import controls

// A code to be scanned from half a metre: as large as the glass allows, on white, beside what is
// due. Each module is a whole number of dots, and the amount is never left out.
Item {
    id: page
    required property var view
    readonly property bool hasCode: view.codePath !== ""
    readonly property real side: Math.min(height, width * 0.56)

    Rectangle {
        id: card
        anchors { left: parent.left; verticalCenter: parent.verticalCenter }
        width: page.side
        height: page.side
        radius: Theme.radius
        color: page.hasCode ? "#ffffff" : Theme.sunken
        border.width: Theme.stroke
        border.color: Theme.line
        Shape {
            id: code
            objectName: "diner.code"
            readonly property int dots: page.view.codeModules > 0
                ? Math.max(1, Math.floor(card.width / page.view.codeModules)) : 0
            anchors.centerIn: parent
            visible: page.hasCode
            width: dots * page.view.codeModules
            height: width
            antialiasing: false
            ShapePath {
                strokeWidth: -1
                fillColor: "#000000"
                scale: Qt.size(code.dots, code.dots)
                PathSvg { path: page.view.codePath }
            }
            Accessible.role: Accessible.Graphic
            Accessible.name: page.view.dinerHeadline
        }
        Spinner {
            visible: !page.hasCode && !page.view.isCut
            anchors.centerIn: parent
            width: page.side * 0.3
            height: width
            color: Theme.brand
        }
        Icon {
            visible: page.view.isCut
            anchors.centerIn: parent
            name: "offline"
            size: page.side * 0.4
            color: Theme.warn
        }
    }
    Fit {
        anchors {
            left: card.right; leftMargin: Theme.gapHuge; right: parent.right
            top: parent.top; bottom: parent.bottom
        }
        spacing: Theme.gapLarge
        isLeft: true
        AmountText {
            objectName: "diner.amount"
            width: parent.width
            text: page.view.dinerAmountText
            size: Theme.amount * 1.2
            minimumPixelSize: Theme.heading
            color: Theme.ink
        }
        Label {
            objectName: "diner.headline"
            width: parent.width
            text: page.view.dinerHeadline
            size: Theme.display
            isStrong: true
            color: page.view.isCut ? Theme.warn : Theme.ink
        }
        Label {
            objectName: "diner.sentence"
            visible: text !== ""
            width: parent.width
            text: page.view.dinerSentence
            size: Theme.title
            color: Theme.inkSoft
        }
        Countdown {
            visible: page.hasCode && seconds >= 0
            size: Theme.target * 1.1
            seconds: page.view.secondsLeft
            color: Theme.brand
        }
        // Nobody behind the counter could stop it for them
        Button {
            objectName: "diner.stop"
            visible: !page.view.isAttended && page.view.phase === "awaiting"
            width: Math.min(parent.width, Theme.px(420))
            height: Theme.target * 1.3
            icon: "cross"
            text: page.view.words.dinerStops
            onPressed: page.view.act.stop()
        }
    }
}
