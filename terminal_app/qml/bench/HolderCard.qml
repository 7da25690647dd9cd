import QtQuick
import theme
import controls

// Whose phone, card and face it is now; arrows let somebody else come.
Card {
    id: card
    required property var view
    readonly property var who: view.state.holder
    implicitHeight: Theme.px(84)

    Button {
        id: back
        objectName: "bench_back"
        anchors { left: parent.left; leftMargin: Theme.gapSmall; verticalCenter: parent.verticalCenter }
        icon: "back"
        kind: "quiet"
        onPressed: card.view.act("turn", "back")
    }
    Icon {
        id: sign
        anchors { left: back.right; leftMargin: Theme.gapSmall; verticalCenter: parent.verticalCenter }
        name: card.who.has_face ? "face" : "person"
        color: Theme.brand
        size: Theme.heading
    }
    Column {
        anchors {
            left: sign.right; leftMargin: Theme.gap; right: purse.left
            verticalCenter: parent.verticalCenter
        }
        Label {
            width: parent.width
            text: card.view.words.holder
            size: Math.round(Theme.small * 0.9)
            color: Theme.inkSoft
        }
        Label {
            width: parent.width
            text: card.who.name + " · " + card.view.state.categoryText
            size: Theme.label
            isStrong: true
            wrapMode: Text.NoWrap
            elide: Text.ElideRight
        }
    }
    Row {
        id: purse
        anchors { right: next.left; rightMargin: Theme.gap; verticalCenter: parent.verticalCenter }
        spacing: Theme.gapLarge
        Repeater {
            model: [
                { name: card.view.words.number, value: card.who.number },
                { name: card.view.words.pin, value: card.who.pin },
                { name: card.view.words.balance, value: card.view.state.balanceText }
            ]
            Column {
                id: fact
                required property var modelData
                Label { text: fact.modelData.name; size: Math.round(Theme.small * 0.9); color: Theme.inkSoft; wrapMode: Text.NoWrap }
                Label { text: fact.modelData.value; size: Theme.body; isStrong: true; wrapMode: Text.NoWrap }
            }
        }
    }
    Button {
        id: next
        objectName: "bench_next"
        anchors { right: parent.right; rightMargin: Theme.gapSmall; verticalCenter: parent.verticalCenter }
        icon: "next"
        kind: "quiet"
        onPressed: card.view.act("turn", "next")
    }
}
