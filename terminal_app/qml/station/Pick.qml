import QtQuick
import theme
import controls
import "../setup"

// Who: a class and somebody of it, a number, or their card on the reader.
FocusScope {
    id: page
    required property var view
    readonly property var w: view.words
    property bool hasLetters: false
    readonly property bool isWide: width > height * 1.1
    focus: true

    // Digits of a keypad are a number
    function key(name) {
        if (/^[0-9]+$/.test(name))
            number.key(name)
        else if (name === "back")
            number.key("back")
        else if (name === "enter")
            find()
    }
    function find() {
        if (number.text !== "" && !view.isBusy)
            view.act.number(number.text.toUpperCase())
    }

    Row {
        id: head
        anchors { left: parent.left; right: parent.right; top: parent.top }
        spacing: Theme.gap
        Column {
            width: parent.width - asked.width - parent.spacing
            anchors.verticalCenter: parent.verticalCenter
            Label { width: parent.width; text: page.w.pickTitle; size: Theme.title; isStrong: true; wrapMode: Text.NoWrap; elide: Text.ElideRight }
            Label { width: parent.width; text: page.w.pickText; color: Theme.inkSoft; elide: Text.ElideRight; maximumLineCount: 2 }
        }
        Row {
            id: asked
            spacing: Theme.gapSmall
            Entry {
                id: number
                objectName: "number"
                width: Theme.px(page.isWide ? 340 : 300)
                title: page.w.pickNumber
                isUpper: true
                focus: true
                onEntered: page.find()
            }
            Button {
                objectName: "letters"
                height: number.height
                icon: "menu"
                text: page.isWide ? page.w.pickLetters : ""
                onPressed: page.hasLetters = !page.hasLetters
            }
            Button {
                objectName: "find"
                height: number.height
                kind: "brand"
                icon: "next"
                text: page.isWide ? page.w.pickFind : ""
                isOn: number.text !== "" && !page.view.isBusy
                onPressed: page.find()
            }
        }
    }

    Flickable {
        id: groups
        objectName: "groups"
        clip: true
        anchors { left: parent.left; top: head.bottom; topMargin: Theme.gap; bottom: page.hasLetters ? letters.top : parent.bottom }
        width: Math.max(Theme.px(230), page.width * 0.26)
        contentHeight: classes.implicitHeight
        boundsBehavior: Flickable.StopAtBounds
        Column {
            id: classes
            width: groups.width
            spacing: Theme.gapSmall
            Notice { width: parent.width; text: page.view.groups.length === 0 && !page.view.isBusy ? page.w.pickEmpty : "" }
            Repeater {
                model: page.view.groups
                delegate: Button {
                    required property string modelData
                    required property int index
                    objectName: "group_" + index
                    width: classes.width
                    text: modelData === "" ? page.w.pickNoGroup : modelData
                    kind: page.view.hasGroup && page.view.group === modelData ? "brand" : "plain"
                    onPressed: page.view.act.group(modelData)
                }
            }
        }
    }
    Label {
        id: counted
        anchors { left: groups.right; leftMargin: Theme.gapLarge; right: parent.right; top: groups.top }
        text: page.view.hasGroup ? page.w.pickCount.arg(page.view.enrolledCount).arg(page.view.peopleCount)
            : page.w.pickChoose
        color: Theme.inkSoft
        isStrong: true
    }
    ListView {
        id: people
        objectName: "people"
        clip: true
        anchors { left: counted.left; right: parent.right; top: counted.bottom; topMargin: Theme.gapSmall; bottom: groups.bottom }
        spacing: Theme.gapSmall
        boundsBehavior: Flickable.StopAtBounds
        // Rows made ahead would still be in the making when the page turns
        cacheBuffer: 0
        reuseItems: true
        model: page.view.people
        delegate: Press {
            id: one
            required property int index
            required property string key
            required property string name
            required property string number
            required property string standing
            required property string standingText
            required property string standingKind
            objectName: "person_" + index
            width: people.width
            height: Math.max(Theme.target, Theme.label * 2.2)
            isOn: !page.view.isBusy
            onPressed: page.view.act.person(key)
            Card { anchors.fill: parent; color: one.isDown ? Theme.sunken : Theme.surface }
            Label {
                anchors { left: parent.left; leftMargin: Theme.gap; right: chip.left; rightMargin: Theme.gap; verticalCenter: parent.verticalCenter }
                text: one.name + "   " + one.number
                size: Theme.label
                isStrong: true
                wrapMode: Text.NoWrap
                elide: Text.ElideRight
            }
            Chip {
                id: chip
                anchors { right: parent.right; rightMargin: Theme.gap; verticalCenter: parent.verticalCenter }
                kind: one.standingKind
                icon: one.standing === "enrolled" ? "check" : one.standing === "consented" ? "camera"
                    : one.standing === "none" ? "" : "alert"
                text: one.standingText
            }
        }
    }
    Letters {
        id: letters
        visible: page.hasLetters
        anchors { left: parent.left; right: parent.right; bottom: parent.bottom }
        onKeyed: name => number.key(name)
    }
}
