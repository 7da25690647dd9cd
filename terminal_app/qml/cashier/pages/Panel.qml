import QtQuick
import theme
import controls

// The cashier's hand: keypad or dishes for a keyed amount, the meal's prices for a standing one,
// and below always cash, by number, clear.
Item {
    id: panel
    required property var view
    required property var cashier
    readonly property var w: view.words
    readonly property string phase: view.phase
    property bool isMenu: false
    readonly property bool mayKey: ["idle", "armed", "candidate", "confirm", "second_factor",
        "approved", "clearing", "reversed"].includes(phase)
    readonly property bool mayCash: takes("cash")
    readonly property bool mayNumber: takes("number")

    function takes(tender) {
        return view.tenders.includes(tender) && ["armed", "candidate", "declined"].includes(phase)
    }
    function key(name) {
        const act = view.act
        switch (name) {
        case "cash": if (mayCash) cashier.openSheet("Cash"); return
        case "number": if (mayNumber) cashier.openSheet("Number"); return
        case "undo": cashier.undoNewest(); return
        case "more": cashier.openSheet("More"); return
        case "pause": act.pause(); return
        case "clear": act.clear(); return
        case "enter": enter(); return
        }
        if (view.isStanding)
            return
        if (name === "back") act.backspace()
        else if (name === "plus") act.plus()
        else if (name === "times") act.times(2)
        else if (/^[0-9]+$/.test(name)) act.digit(name)
    }
    function enter() {
        if (view.isStanding && phase === "idle")
            view.act.serve()
        else
            view.act.enter()
    }

    // --- keyed ----------------------------------------------------------------------------------
    Row {
        id: tabs
        visible: !panel.view.isStanding
        anchors { left: parent.left; right: parent.right; top: parent.top }
        height: visible ? Theme.target : 0
        spacing: Theme.gapSmall
        Button {
            objectName: "tabKeypad"
            width: (parent.width - parent.spacing) / 2
            icon: "number"
            text: panel.w.keypad
            kind: panel.isMenu ? "plain" : "brand"
            onPressed: panel.isMenu = false
        }
        Button {
            objectName: "tabMenu"
            width: (parent.width - parent.spacing) / 2
            icon: "meal"
            text: panel.w.menu
            kind: panel.isMenu ? "brand" : "plain"
            onPressed: panel.isMenu = true
        }
    }
    Pad {
        id: pad
        objectName: "keypad"
        anchors {
            left: parent.left; right: parent.right
            top: tabs.bottom; topMargin: Theme.gapSmall; bottom: low.top; bottomMargin: Theme.gapSmall
        }
        visible: !panel.view.isStanding && !panel.isMenu
        isTill: true
        isOn: panel.mayKey
        enterText: panel.w.enter
        onKeyed: name => panel.cashier.key(name)
    }
    GridView {
        id: menu
        objectName: "dishes"
        anchors.fill: pad
        visible: !panel.view.isStanding && panel.isMenu
        clip: true
        boundsBehavior: Flickable.StopAtBounds
        readonly property int across: Math.max(2, Math.floor(width / Theme.px(180)))
        cellWidth: width / across
        cellHeight: Math.max(Theme.target * 1.3, Theme.px(96))
        model: panel.view.menu
        delegate: Item {
            id: dish
            required property string key
            required property string name
            required property string amountText
            width: menu.cellWidth
            height: menu.cellHeight
            Press {
                objectName: "dish_" + dish.key
                anchors { fill: parent; margins: Theme.gapTiny }
                isOn: panel.mayKey
                onPressed: panel.view.act.dish(dish.key)
                Card { anchors.fill: parent; color: parent.isDown ? Theme.brandSoft : Theme.surface }
                Label {
                    anchors { left: parent.left; right: parent.right; top: parent.top; margins: Theme.gapSmall * 1.5 }
                    text: dish.name
                    isStrong: true
                    maximumLineCount: 2
                    elide: Text.ElideRight
                }
                AmountText {
                    anchors { right: parent.right; bottom: parent.bottom; margins: Theme.gapSmall * 1.5 }
                    text: dish.amountText
                    size: Theme.body
                    color: Theme.brand
                }
            }
        }
        Label {
            anchors.centerIn: parent
            visible: menu.count === 0
            text: panel.w.noMenu
            color: Theme.inkSoft
        }
    }

    // --- standing -------------------------------------------------------------------------------
    Card {
        anchors { left: parent.left; right: parent.right; top: parent.top; bottom: big.top; bottomMargin: Theme.gapSmall }
        visible: panel.view.isStanding
        Label {
            id: pricesHead
            anchors { left: parent.left; top: parent.top; margins: Theme.gap }
            text: panel.view.mealText === "" ? panel.w.noMeal : panel.view.mealText + " · " + panel.w.pricesNow
            size: Theme.label
            isStrong: true
            color: Theme.inkSoft
        }
        ListView {
            id: board
            // Few prices fill the place, many are scrolled
            readonly property real row: Math.min(Theme.px(150),
                Math.max(Theme.heading * 1.8, height / Math.max(1, panel.view.priceCount)))
            anchors { left: parent.left; right: parent.right; top: pricesHead.bottom; bottom: parent.bottom; margins: Theme.gap }
            clip: true
            boundsBehavior: Flickable.StopAtBounds
            model: panel.view.prices
            delegate: Item {
                id: price
                required property string category
                required property string amountText
                required property string secondText
                required property int index
                width: ListView.view.width
                height: board.row
                Rectangle {
                    visible: price.index > 0
                    anchors { left: parent.left; right: parent.right; top: parent.top }
                    height: Math.max(1, Theme.stroke)
                    color: Theme.line
                }
                Column {
                    anchors {
                        left: parent.left; right: cost.left; rightMargin: Theme.gap
                        verticalCenter: parent.verticalCenter
                    }
                    Label {
                        width: parent.width
                        text: price.category
                        size: Math.min(Theme.heading * 0.85, board.row * 0.38)
                        isStrong: true
                        wrapMode: Text.NoWrap
                        elide: Text.ElideRight
                    }
                    Label {
                        visible: price.secondText !== ""
                        text: panel.w.secondPrice.arg(price.secondText)
                        size: Math.max(Theme.small, Math.min(Theme.label, board.row * 0.16))
                        color: Theme.inkSoft
                        wrapMode: Text.NoWrap
                    }
                }
                AmountText {
                    id: cost
                    anchors { right: parent.right; verticalCenter: parent.verticalCenter }
                    text: price.amountText
                    size: Math.min(Theme.display, board.row * 0.48)
                }
            }
        }
    }
    Button {
        id: big
        objectName: "serve"
        anchors { left: parent.left; right: parent.right; bottom: low.top; bottomMargin: Theme.gapSmall }
        visible: panel.view.isStanding
        height: visible ? Theme.target * 1.4 : 0
        readonly property bool isServing: !["idle", "no_period"].includes(panel.phase)
        isOn: panel.phase === "idle" || panel.phase === "armed"
        kind: isServing ? "plain" : "brand"
        icon: isServing ? "pause" : "play"
        hint: isServing ? "End" : "Enter"
        size: Theme.title
        text: isServing ? panel.w.pause : panel.w.serve
        onPressed: isServing ? panel.view.act.pause() : panel.view.act.serve()
    }

    // --- always -----------------------------------------------------------------------------------
    Row {
        id: low
        anchors { left: parent.left; right: parent.right; bottom: parent.bottom }
        height: Math.max(Theme.target, Theme.px(72))
        spacing: Theme.gapSmall
        readonly property int count: panel.view.offersCode ? 4 : 3
        // Four keys have no room beside their pictures
        readonly property bool isTight: count === 4
        readonly property int size: isTight ? Math.min(Theme.small, share * 0.18) : Theme.label
        readonly property real share: (width - (count - 1) * spacing) / count
        Button {
            objectName: "cash"
            width: low.share; height: low.height
            isStacked: low.isTight; size: low.size
            icon: "cash"; hint: "/"
            text: panel.w.cash
            isOn: panel.mayCash
            onPressed: panel.cashier.openSheet("Cash")
        }
        Button {
            objectName: "showCode"
            visible: panel.view.offersCode
            width: low.share; height: low.height
            isStacked: low.isTight; size: low.size
            icon: "code"
            text: panel.w.showCode
            isOn: panel.view.mayShowCode
            onPressed: panel.view.act.showCode()
        }
        Button {
            objectName: "number"
            width: low.share; height: low.height
            isStacked: low.isTight; size: low.size
            icon: "person"; hint: "−"
            text: panel.w.number
            isOn: panel.mayNumber
            onPressed: panel.cashier.openSheet("Number")
        }
        Button {
            objectName: "clear"
            width: low.share; height: low.height
            isStacked: low.isTight; size: low.size
            icon: "cross"; hint: "Esc"
            text: panel.w.erase
            onPressed: panel.view.act.clear()
        }
    }
}
