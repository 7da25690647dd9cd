import QtQuick
import theme
import controls

// The sale in hand, large enough to read in passing: state, amount, name, and what may be done.
Card {
    id: stage
    required property var view
    required property var cashier
    readonly property var w: view.words
    readonly property var face: looks[view.phase] || looks.idle
    kind: face.kind === "plain" ? "surface" : face.kind
    border.width: face.kind === "plain" ? Theme.stroke : 2

    // Per phase: icon, colour, title, one sentence. Words change with the language.
    readonly property var looks: ({
        "no_period": { icon: "clock", kind: "plain", title: w.noPeriod, text: nextMeal },
        "idle": {
            icon: view.isAskedTwice ? "alert" : "meal", kind: view.isAskedTwice ? "warn" : "plain",
            title: w.idle,
            text: view.isAskedTwice ? w.askedTwice : view.isStanding ? w.idleStanding : w.idleKeyed
        },
        "armed": { icon: "person", kind: "brand", title: w.armed, text: ways },
        "candidate": { icon: "face", kind: "brand", title: w.candidate, text: view.outlineAdvice },
        "confirm": { icon: "eye", kind: "warn", title: w.confirmTitle, text: why },
        "second_factor": {
            icon: "key", kind: "warn", title: w.secondFactor,
            text: [w["factor_" + view.factor] || "", isLow ? "" : view.doubtText].filter(Boolean).join("\n")
        },
        "authorising": { icon: "clock", kind: "calm", title: w.authorising, text: "" },
        "awaiting": {
            icon: view.isCut ? "offline" : view.isScanned ? "code" : "phone", kind: view.isCut ? "warn" : "calm",
            title: view.isScanned ? w.scanTitle : w.awaitingTitle, text: waits
        },
        "approved": { icon: "check", kind: "good", title: w.approvedTitle, text: "" },
        "cancelling": {
            icon: "undo", kind: "calm",
            title: view.isRenewing ? w.renewingTitle : w.cancellingTitle,
            text: view.isRenewing ? w.renewingText : w.cancellingText
        },
        "reversed": {
            icon: "undo", kind: "bad", title: view.isUndo || view.wasTaken ? w.reversedTitle : w.givenUpTitle,
            text: view.wasTaken ? view.tooLateText : w.reversedText
        },
        "clearing": !view.isPaid
            ? { icon: "undo", kind: "calm", title: w.clearingUnpaidTitle, text: w.latchedText }
            : { icon: "check", kind: "good", title: w.clearingTitle, text: w.latchedText },
        "declined": { icon: "cross", kind: "bad", title: w.declinedTitle, text: view.codeText || w.declinedText }
    })
    readonly property string nextMeal: view.nextStartsText === "" ? ""
        : w.noPeriodNext.arg(view.nextMealText).arg(view.nextStartsText)
    readonly property string ways: view.tenders.map(tender => w[tender] || tender).join(" · ").replace(/(\w) (\w)/g, "$1\u00a0$2")
    readonly property string waits: view.isCut ? view.unheardText : !view.isScanned ? view.codeText
        : view.codePath !== "" ? w.scanText : w.scanSoonText
    readonly property string why: view.paidLabel !== "" ? w.paidAt.arg(view.paidLabel)
        : view.isSecondPrice ? w.secondPortion : w.confirmIs
    readonly property bool isWaiting: view.isSpinning || view.phase === "cancelling"
        || view.phase === "awaiting"
    // What the amount, the name and the sentence share between head and foot
    readonly property real room: Math.max(Theme.px(120), height - head.height - foot.height
        - 4 * Theme.gap)
    // Small glass: one sentence that can be read instead of two that cannot
    readonly property bool isLow: room < Theme.small * 9.6
    readonly property bool isAsking: ["confirm", "second_factor", "declined"].includes(view.phase)
    readonly property bool isPosting: view.isStanding && !view.hasAmount
        && ["idle", "armed", "candidate"].includes(view.phase)
    readonly property bool hasCart: !view.isStanding && view.cartCount > 0
        && ["idle", "armed", "candidate", "confirm"].includes(view.phase)
    readonly property string shownAmount: view.phase === "idle" && !view.isStanding ? view.typedText
        : view.hasAmount ? view.amountText : ""

    // True when the key meant something to the sale in hand
    function key(name) {
        const act = view.act
        switch (view.phase) {
        case "confirm":
            if (name === "enter") { act.confirm("cashier"); return true }
            if (name === "clear") { act.notMe(); return true }
            break
        case "second_factor":
            if (name === "clear") { act.notMe(); return true }
            break
        case "awaiting":
            if (name === "clear") { act.stop(); return true }
            if (name === "next") { act.next(); return true }
            break
        case "approved": case "clearing":
            if (name === "plus" && view.mayPlusOne && view.name !== "" && view.typedAmount <= 0) { act.plusOne(); return true }
            break
        case "armed":
            if (name === "clear" && view.isStanding) { act.pause(); return true }
            break
        }
        return false
    }

    // --- the head -------------------------------------------------------------------------------
    Heading {
        id: head
        anchors { left: parent.left; top: parent.top; margins: Theme.gap }
        icon: stage.face.icon
        kind: stage.face.kind === "plain" ? "brand" : stage.face.kind
        text: stage.face.title
        size: Theme.title
        room: stage.width - chips.width - 3 * Theme.gap
    }
    Row {
        id: chips
        anchors { right: parent.right; rightMargin: Theme.gap; verticalCenter: head.verticalCenter }
        spacing: Theme.gapSmall
        Chip {
            visible: stage.view.isLatched
            icon: "lock"
            kind: "calm"
            text: stage.w.latched
        }
        Chip {
            visible: (stage.view.phase === "authorising" || stage.view.phase === "approved")
                && stage.view.tender !== "cash"
            // While it is asked: whom; then: who decided
            readonly property bool isOnline: stage.view.phase === "approved" ? stage.view.isOnline : stage.view.isServerThere
            icon: isOnline ? "wifi" : "offline"
            kind: isOnline ? "good" : "warn"
            text: isOnline ? stage.w.online : stage.w.offline
        }
        Chip {
            visible: stage.view.phase === "second_factor"
            icon: "key"
            kind: "warn"
            text: stage.w.triesLeft.arg(stage.view.factorTriesLeft)
        }
        Chip {
            visible: stage.view.secondsLeft >= 0
            icon: "clock"
            kind: stage.view.secondsLeft <= 3 ? "bad" : "calm"
            text: stage.w.seconds.arg(Math.max(0, stage.view.secondsLeft))
        }
        Chip {
            visible: stage.view.isHeldOpen
            icon: "key"
            kind: "warn"
            text: stage.w.heldOpen
        }
        Chip {
            visible: stage.view.parkedCount > 0
            icon: "phone"
            kind: "warn"
            text: stage.w.parked.arg(stage.view.parkedCount)
        }
    }

    // --- what is rung up ------------------------------------------------------------------------
    ListView {
        id: lines
        anchors {
            left: parent.left; top: head.bottom; bottom: foot.top; margins: Theme.gap
        }
        visible: stage.hasCart
        width: stage.hasCart ? parent.width * 0.42 : 0
        clip: true
        model: stage.view.cart
        onCountChanged: positionViewAtEnd()
        delegate: Item {
            id: line
            required property string name
            required property int quantity
            required property string amountText
            width: ListView.view.width
            height: Theme.label * 1.7
            Label {
                anchors { left: parent.left; right: cost.left; rightMargin: Theme.gapSmall; verticalCenter: parent.verticalCenter }
                text: line.name + (line.quantity > 1 ? "  ×" + line.quantity : "")
                wrapMode: Text.NoWrap
                elide: Text.ElideRight
            }
            AmountText {
                id: cost
                width: Math.min(implicitWidth, line.width * 0.5)
                anchors { right: parent.right; verticalCenter: parent.verticalCenter }
                text: line.amountText
                size: Theme.body
            }
        }
    }

    // --- the amount, the name, the sentence -------------------------------------------------------
    Column {
        id: middle
        anchors {
            left: lines.right; leftMargin: Theme.gap
            right: parent.right; rightMargin: Theme.gap
            verticalCenter: parent.verticalCenter
            verticalCenterOffset: (head.height - foot.height) / 2
        }
        spacing: Theme.gapTiny
        // A sentence of two lines takes its room from the amount, which is large anyway
        readonly property real share: Math.max(0.2, (stage.isAsking ? 0.38 : 0.46)
            - (sentence.visible ? 0.11 * Math.max(0, sentence.lineCount - 1) : 0))
        AmountText {
            objectName: "amount"
            visible: text !== ""
            width: parent.width
            height: Math.min(implicitHeight, size * 1.15)
            verticalAlignment: Text.AlignVCenter
            horizontalAlignment: Text.AlignHCenter
            text: stage.shownAmount
            size: Math.min(Theme.amount, stage.room * middle.share)
            color: stage.face.kind === "plain" ? Theme.ink : Theme.strong(stage.face.kind)
            font.strikeout: stage.view.phase === "reversed"
        }
        // A standing price: what whoever comes next will pay
        Row {
            anchors.horizontalCenter: parent.horizontalCenter
            visible: stage.isPosting
            spacing: Theme.gapHuge
            Repeater {
                model: stage.isPosting ? stage.view.prices : null
                Column {
                    id: posted
                    required property string category
                    required property string amountText
                    required property int index
                    visible: index < 3
                    width: (middle.width - Theme.gapHuge * (shares - 1)) / shares
                    readonly property int shares: Math.min(3, Math.max(1, stage.view.priceCount))
                    AmountText {
                        width: parent.width
                        text: posted.amountText
                        size: Math.min(Theme.display, stage.room * 0.4)
                        color: Theme.strong(stage.face.kind === "plain" ? "brand" : stage.face.kind)
                        horizontalAlignment: Text.AlignHCenter
                    }
                    Label {
                        width: parent.width
                        text: posted.category
                        size: Math.min(Theme.label, stage.room * 0.16)
                        color: Theme.inkSoft
                        wrapMode: Text.NoWrap
                        elide: Text.ElideRight
                        horizontalAlignment: Text.AlignHCenter
                    }
                }
            }
        }
        Row {
            anchors.horizontalCenter: parent.horizontalCenter
            spacing: Theme.gap
            visible: stage.view.name !== "" || stage.isWaiting
            Spinner { visible: stage.isWaiting; width: Theme.heading; height: width }
            Label {
                anchors.verticalCenter: parent.verticalCenter
                visible: stage.view.name !== ""
                text: stage.view.name
                size: Math.min(Theme.heading, stage.room * 0.2)
                isStrong: true
                wrapMode: Text.NoWrap
                width: Math.min(implicitWidth, middle.width - (stage.isWaiting ? Theme.heading + Theme.gap : 0))
                elide: Text.ElideRight
            }
        }
        Row {
            anchors.horizontalCenter: parent.horizontalCenter
            visible: stage.view.givenAmount > 0
            spacing: Theme.gap
            Label {
                anchors.verticalCenter: parent.verticalCenter
                text: stage.w.given + " " + stage.view.givenText
                size: Theme.label
                color: Theme.inkSoft
                wrapMode: Text.NoWrap
            }
            Label {
                anchors.verticalCenter: parent.verticalCenter
                text: stage.w.change + " " + stage.view.changeText
                size: Theme.heading
                isStrong: true
                color: stage.view.changeAmount > 0 ? Theme.bad : Theme.ink
                wrapMode: Text.NoWrap
            }
        }
        Label {
            id: sentence
            objectName: "sentence"
            width: parent.width
            visible: text !== ""
            horizontalAlignment: Text.AlignHCenter
            text: stage.isAsking ? stage.face.text : stage.view.hintText || stage.face.text
            size: Math.max(Theme.small, Math.min(Theme.label, stage.room * 0.13))
            isStrong: stage.isAsking
            color: stage.face.kind === "plain" ? Theme.inkSoft : Theme.strong(stage.face.kind)
            maximumLineCount: 4
            elide: Text.ElideRight
        }
    }

    // --- what may be done -------------------------------------------------------------------------
    Row {
        id: foot
        anchors { left: parent.left; right: parent.right; bottom: parent.bottom; margins: Theme.gap }
        spacing: Theme.gap
        height: shown > 0 ? Theme.target : 0
        readonly property int shown: [...children].filter(child => child.visible).length
        readonly property real share: shown > 0 ? (width - (shown - 1) * spacing) / shown : 0
        readonly property string phase: stage.view.phase
        // Three keys in a narrow place are read alike, if smaller
        readonly property int size: shown > 2 ? Math.min(Theme.label, share * 0.115) : Theme.label

        Button {
            objectName: "notMe"
            visible: foot.phase === "confirm" || foot.phase === "second_factor"
            width: foot.share
            icon: "cross"; hint: "Esc"
            text: stage.w.isNotThem
            onPressed: stage.view.act.notMe()
        }
        Button {
            objectName: "confirm"
            visible: foot.phase === "confirm"
            width: foot.share
            kind: "brand"; icon: "check"; hint: "Enter"
            text: stage.w.isThem
            onPressed: stage.view.act.confirm("cashier")
        }
        Button {
            objectName: "stop"
            visible: foot.phase === "awaiting"
            width: foot.share
            icon: "stop"; hint: "Esc"
            size: foot.size
            text: stage.w.stopSale
            onPressed: stage.view.act.stop()
        }
        Button {
            objectName: "newCode"
            visible: foot.phase === "awaiting" && stage.view.mayRenewCode
            width: foot.share
            icon: "sync"
            size: foot.size
            text: stage.w.newCode
            onPressed: stage.view.act.newCode()
        }
        Button {
            objectName: "next"
            visible: foot.phase === "awaiting"
            isOn: stage.view.mayNext
            width: foot.share
            kind: "brand"; icon: "next"; hint: foot.shown > 2 ? "" : "PgDn"
            size: foot.size
            text: stage.w.nextDiner
            onPressed: stage.view.act.next()
        }
        Button {
            objectName: "undoShown"
            visible: stage.view.isPaid && (foot.phase === "approved" || foot.phase === "clearing")
            width: foot.share
            icon: "undo"; hint: "Del"
            text: stage.w.undo
            onPressed: stage.cashier.undoNewest()
        }
        Button {
            objectName: "plusOne"
            visible: stage.view.mayPlusOne && stage.view.name !== ""
            width: foot.share
            icon: "plus"; hint: "+"
            text: stage.w.plusOne
            onPressed: stage.view.act.plusOne()
        }
        Button {
            objectName: "onAccount"
            visible: stage.view.mayAccount
            width: foot.share
            icon: "account"
            text: stage.w.on_account
            onPressed: stage.view.act.onAccount()
        }
        Button {
            objectName: "giveUp"
            visible: foot.phase === "authorising"
            width: foot.share
            icon: "cross"; hint: "Esc"
            text: stage.w.cancel
            onPressed: stage.view.act.clear()
        }
        Button {
            objectName: "holdOpen"
            visible: foot.phase === "no_period"
            width: foot.share
            icon: "key"
            text: stage.w.holdOpen
            onPressed: stage.cashier.openSheet("HoldOpen")
        }
    }
}
