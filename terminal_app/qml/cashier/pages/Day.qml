import QtQuick
import theme
import controls
import "../../controls/Money.js" as Money

// One card to confirm before anything sells: date, time, meal, price; the float of a new shift.
Item {
    id: page
    required property var view
    required property var cashier
    property int floatAmount: 0
    readonly property bool isTall: height > width

    function key(name) {
        if (name === "enter")
            view.act.acceptDay(floatAmount)
        else if (name === "clear" && floatAmount === 0)
            view.act.lock()
        else if (!view.isShiftOpen)
            type(name)
    }
    function type(name) {
        if (/^[0-9]+$/.test(name))
            floatAmount = Money.typed(floatAmount, name)
        else if (name === "back")
            floatAmount = Money.backspaced(floatAmount)
        else if (name === "clear")
            floatAmount = 0
    }

    Grid {
        anchors.centerIn: parent
        columns: page.isTall ? 1 : 2
        spacing: Theme.gapLarge
        horizontalItemAlignment: Grid.AlignHCenter

        Card {
            width: Math.min(page.width - 2 * Theme.gap - (page.isTall ? 0 : right.width + Theme.gapLarge),
                Theme.px(620))
            height: Math.max(facts.implicitHeight + 2 * Theme.gapLarge, right.height)
            Column {
                id: facts
                anchors { left: parent.left; right: parent.right; top: parent.top; margins: Theme.gapLarge }
                spacing: Theme.gap
                Heading { icon: "day"; text: page.view.words.checkDay; size: Theme.title }
                Line { title: page.view.words.operator; value: page.view.operatorName; size: Theme.label }
                Line { title: page.view.words.date; value: page.view.dateText; size: Theme.label }
                Line { title: page.view.words.time; value: page.view.timeText; size: Theme.label; isStrong: true }
                Line {
                    title: page.view.words.meal
                    value: page.view.mealText || page.view.words.noMeal
                    size: Theme.label
                    isStrong: true
                }
                Rectangle { width: parent.width; height: Theme.stroke; color: Theme.line }
                Line {
                    visible: !page.view.isStanding
                    title: page.view.words.price
                    value: page.view.words.keyedPrice
                    size: Theme.label
                }
                Repeater {
                    model: page.view.isStanding ? page.view.prices : null
                    delegate: Line {
                        required property string category
                        required property string amountText
                        required property string secondText
                        width: facts.width
                        title: category + (secondText ? "  ·  " + page.view.words.secondPrice.arg(secondText) : "")
                        value: amountText
                        size: Theme.label
                        isStrong: true
                    }
                }
                Notice {
                    width: parent.width
                    text: page.view.isClockUnsure ? page.view.words.clockUnsure : ""
                    icon: "clock"
                    kind: "warn"
                }
            }
        }

        Column {
            id: right
            spacing: Theme.gap
            Card {
                visible: !page.view.isShiftOpen
                width: pad.width + 2 * Theme.gap
                height: cash.implicitHeight + 2 * Theme.gap
                Column {
                    id: cash
                    anchors.centerIn: parent
                    spacing: Theme.gap
                    Line {
                        width: pad.width
                        title: page.view.words.float
                        value: Money.written(page.floatAmount)
                        size: Theme.label
                        isStrong: true
                    }
                    Pad {
                        id: pad
                        width: Math.max(implicitWidth, Theme.px(380))
                        height: Math.max(implicitHeight, Theme.px(270))
                        onKeyed: name => page.key(name)
                    }
                }
            }
            Button {
                objectName: "acceptDay"
                width: pad.width + 2 * Theme.gap
                height: Theme.target * 1.2
                kind: "brand"
                icon: "check"
                size: Theme.title
                hint: "Enter"
                text: page.view.isShiftOpen ? page.view.words.goOn : page.view.words.openShift
                onPressed: page.view.act.acceptDay(page.floatAmount)
            }
            Button {
                objectName: "notRight"
                width: pad.width + 2 * Theme.gap
                icon: "lock"
                hint: "Esc"
                text: page.view.words.notRight
                onPressed: page.view.act.lock()
            }
        }
    }
}
