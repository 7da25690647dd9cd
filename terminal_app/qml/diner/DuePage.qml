import QtQuick
import theme
import controls

// Armed: what is due, and how to pay it; with a face in the zone, its outline and ring.
Item {
    id: page
    required property var view
    signal numberWanted()
    readonly property bool hasAmount: view.dinerAmountText !== ""
    readonly property bool hasRing: view.hasOutline || view.phase === "candidate"

    Item {
        id: upper
        anchors { left: parent.left; right: parent.right; top: parent.top; bottom: said.top }

        Fit {
            id: due
            width: page.hasRing ? parent.width - ring.width - Theme.gapHuge : parent.width
            height: parent.height
            isLeft: page.hasRing
            Label {
                // The head says which meal it is; large print needs the room for the prices
                visible: page.hasAmount || !Theme.isLargePrint
                width: parent.width
                text: page.hasAmount ? page.view.dinerHeadline : page.view.words.dinerPrices
                size: Theme.title
                color: Theme.inkSoft
                horizontalAlignment: page.hasRing ? Text.AlignLeft : Text.AlignHCenter
            }
            AmountText {
                objectName: "diner.amount"
                visible: page.hasAmount
                width: parent.width
                text: page.view.dinerAmountText
                size: Theme.amount * 2
                minimumPixelSize: Theme.amount * 0.7
                color: Theme.ink
                horizontalAlignment: page.hasRing ? Text.AlignLeft : Text.AlignHCenter
            }
            PriceBoard {
                visible: !page.hasAmount
                anchors.horizontalCenter: parent.horizontalCenter
                view: page.view
                room: Math.min(due.width, Theme.px(820))
                readonly property real roomHigh: upper.height - Theme.gap
                    - (Theme.isLargePrint ? 0 : Theme.title * 1.5)
                size: Math.min(Theme.display * 1.3, roomHigh / view.dinerPriceCount / 1.75)
            }
        }
        FaceRing {
            id: ring
            visible: page.hasRing
            size: Math.min(upper.height - Theme.gapLarge, page.width * 0.34)
            anchors { right: parent.right; verticalCenter: parent.verticalCenter }
            hasFace: page.view.hasOutline
            outline: page.view.outline
            stillShare: page.view.stillShare
            isResting: page.view.dinerIsHint || page.view.isLatched
        }
    }

    Item {
        id: said
        anchors { left: parent.left; right: parent.right; bottom: ways.top }
        height: Theme.px(112)
        Notice {
            objectName: "diner.sentence"
            anchors.centerIn: parent
            width: Math.min(parent.width, Theme.px(1100))
            text: page.view.dinerSentence
            icon: page.view.dinerIsHint ? "alert" : "eye"
            kind: page.view.dinerIsHint ? "warn" : "calm"
            size: Theme.title * 1.1
            room: said.height - Theme.gap
        }
    }

    Row {
        id: ways
        readonly property int count: tiles.offered.length + (page.view.dinerTakesNumber ? 1 : 0)
            + (scan.visible ? 1 : 0)
        readonly property real share: (page.width / Math.max(1, count) - spacing) / 1.35
        anchors { horizontalCenter: parent.horizontalCenter; bottom: parent.bottom }
        spacing: Theme.gapLarge
        Ways {
            id: tiles
            view: page.view
            tile: Math.min(Theme.px(168), page.height * 0.25, ways.share)
        }
        Button {
            objectName: "diner.number"
            visible: page.view.dinerTakesNumber
            height: tiles.tile
            width: tiles.tile * 1.35
            isStacked: true
            icon: "number"
            iconSize: tiles.tile * 0.44
            text: page.view.words.number
            size: Math.min(Theme.title, tiles.tile * 0.25)
            onPressed: page.numberWanted()
        }
        // Where nobody is behind the counter, the payer asks for the code to scan
        Button {
            id: scan
            objectName: "diner.showCode"
            visible: page.view.mayShowCode && !page.view.isAttended
            height: tiles.tile
            width: tiles.tile * 1.35
            isStacked: true
            icon: "phone"
            iconSize: tiles.tile * 0.44
            text: page.view.words.dinerScans
            size: Math.min(Theme.title, tiles.tile * 0.25)
            onPressed: page.view.act.showCode()
        }
    }
}
