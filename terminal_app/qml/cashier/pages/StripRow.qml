import QtQuick
import theme
import controls

// One sale: time, way, name, amount, how it stands; its button undoes, or says what it takes.
Item {
    id: row
    required property string key
    required property string label
    required property string amountText
    required property string name
    required property string credential
    required property string way
    required property string state
    required property string stateText
    required property bool isOnline
    required property bool isPulsing
    required property int undoLeftS
    required property string needs
    required property bool mayUndo
    required property bool wasParked
    required property int index
    property var words
    signal undoAsked(var row)

    readonly property bool isNarrow: width < Theme.px(600) * Theme.printFactor
    // Paid beside the line: whoever comes back for the meal is looked for here
    readonly property bool isPaidLater: wasParked && state === "approved"
    readonly property bool isStruck: state === "reversed" || state === "declined"
    readonly property string kind: ({ "approved": "good", "awaiting": "warn", "cancelling": "calm",
        "reversed": "bad", "declined": "bad" })[state] || "plain"
    readonly property string sign: ({ "approved": "check", "awaiting": "phone", "cancelling": "clock",
        "reversed": "undo", "declined": "cross" })[state] || "info"
    readonly property var icons: ({ "wallet_code": "code", "channel_code": "code", "payee_code": "code", "on_account": "account" })

    Rectangle {
        anchors { fill: parent; leftMargin: Theme.gapSmall; rightMargin: Theme.gapSmall; topMargin: 1; bottomMargin: 1 }
        radius: Theme.radiusSmall
        color: row.isPaidLater ? Theme.goodSoft : row.isPulsing ? Theme.warnSoft : row.state === "reversed" ? Theme.badSoft : "transparent"
        SequentialAnimation on opacity {
            running: row.isPulsing
            loops: Animation.Infinite
            NumberAnimation { to: 0.35; duration: 500 }
            NumberAnimation { to: 1; duration: 500 }
            onStopped: row.opacity = 1
        }
    }
    Rectangle {
        visible: row.index > 0
        anchors { left: parent.left; right: parent.right; top: parent.top; leftMargin: Theme.gap; rightMargin: Theme.gap }
        height: 1
        color: Theme.line
        opacity: 0.7
    }
    Label {
        id: time
        anchors { left: parent.left; leftMargin: Theme.gap; verticalCenter: parent.verticalCenter }
        text: row.label
        color: Theme.inkSoft
        wrapMode: Text.NoWrap
        font.features: ({ "tnum": 1 })
    }
    Icon {
        id: how
        anchors { left: time.right; leftMargin: Theme.gap * 0.75; verticalCenter: parent.verticalCenter }
        name: row.icons[row.credential] || row.credential
        size: Theme.label
        color: Theme.inkSoft
    }
    Column {
        anchors { left: how.right; leftMargin: Theme.gap * 0.75; right: cost.left; rightMargin: Theme.gapSmall; verticalCenter: parent.verticalCenter }
        Label {
            width: parent.width
            text: row.name || row.way
            isStrong: true
            wrapMode: Text.NoWrap
            elide: Text.ElideRight
            font.strikeout: row.isStruck
        }
        Label {
            width: parent.width
            visible: row.isPaidLater
            text: row.words.paidLater
            size: Theme.small
            color: Theme.good
            wrapMode: Text.NoWrap
            elide: Text.ElideRight
        }
    }
    AmountText {
        id: cost
        anchors { right: standing.left; rightMargin: Theme.gap; verticalCenter: parent.verticalCenter }
        text: row.amountText
        size: Theme.label
        font.strikeout: row.isStruck
        color: row.isStruck ? Theme.inkSoft : Theme.ink
    }
    Item {
        id: standing
        anchors { right: undo.left; rightMargin: Theme.gapSmall; verticalCenter: parent.verticalCenter }
        width: row.isNarrow ? chip.width : Theme.pt(118)
        height: chip.height
        Chip {
            id: chip
            anchors.right: parent.right
            kind: row.kind
            icon: row.sign
            text: row.isNarrow ? "" : row.stateText
        }
    }
    // Of another shift: no refund here, but whoever touches it is told where
    Press {
        objectName: "elsewhere_" + row.index
        anchors.fill: undo
        visible: !row.mayUndo && row.state === "approved"
        Accessible.role: Accessible.Button
        Accessible.name: row.words.refundElsewhere
        onPressed: row.undoAsked(row)
        Row {
            anchors.centerIn: parent
            spacing: Theme.gapTiny
            Icon { name: "info"; size: Theme.body; color: Theme.inkSoft; anchors.verticalCenter: parent.verticalCenter }
            Label { text: row.words.refundElsewhere; size: Theme.small; color: Theme.inkSoft; wrapMode: Text.NoWrap }
        }
    }
    Button {
        id: undo
        objectName: "undo_" + row.index
        anchors { right: parent.right; rightMargin: Theme.gapSmall; verticalCenter: parent.verticalCenter }
        width: Theme.pt(132)
        height: Theme.target
        visible: row.mayUndo
        size: Theme.body
        icon: row.needs === "nothing" ? "undo" : "key"
        text: row.undoLeftS > 0 && row.needs === "nothing" ? row.words.undoIn.arg(row.undoLeftS)
            : row.words.refund
        onPressed: row.undoAsked(row)
    }
}
