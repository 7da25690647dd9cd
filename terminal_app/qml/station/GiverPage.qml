import QtQuick
import theme
import controls
import "../setup"
import "../diner"

// Who agrees: the person or a guardian, by signature or code; and the photograph, asked apart.
FocusScope {
    id: page
    required property var view
    readonly property var w: view.words
    property bool isGuardian: view.giver.isGuardian || false
    property bool isUnder14: view.giver.isUnder14 || false
    property bool byCode: view.giver.byCode || false
    property bool keepsPhoto: view.giver.keepsPhoto || false
    property string relation: view.giver.relation || ""
    property bool hasLetters: false
    focus: true

    Component.onCompleted: name.text = view.giver.name || (isGuardian ? "" : view.person.name || "")

    function key(called) {
        if (called === "enter")
            next()
        else if (called === "clear")
            view.act.back()
    }
    function next() {
        view.act.giver({ isGuardian: isGuardian, isUnder14: isUnder14, byCode: byCode,
            keepsPhoto: keepsPhoto, relation: relation, name: isGuardian && byCode ? "" : name.text })
    }
    function chooseGuardian(is) {
        isGuardian = is
        name.text = is ? "" : view.person.name || ""
    }
    readonly property var yesNo: [{ value: false, text: w.noWord }, { value: true, text: w.yesWord }]

    Fit {
        anchors.centerIn: parent
        width: Math.min(page.width, Theme.px(960))
        height: page.height
        spacing: Theme.gap
        Label { width: parent.width; text: page.w.giverTitle; size: Theme.title; isStrong: true }
        Grid {
            id: asked
            width: parent.width
            columns: 2
            spacing: Theme.gap
            readonly property real half: (width - spacing) / 2
            Choices {
                width: asked.half
                title: page.w.giverUnder
                options: page.yesNo.map(one => Object.assign({ name: "under_" + one.value }, one))
                value: page.isUnder14
                onChosen: value => { page.isUnder14 = value; if (value && !page.isGuardian) page.chooseGuardian(true) }
            }
            Choices {
                width: asked.half
                title: page.w.giverWho
                options: [{ name: "self", value: false, text: page.w.giverSelf },
                    { name: "guardian", value: true, text: page.w.giverGuardian }]
                value: page.isGuardian
                onChosen: value => page.chooseGuardian(value)
            }
        }
        Choices {
            visible: page.isGuardian
            width: parent.width
            options: [{ name: "here", value: false, text: page.w.giverHere },
                { name: "byCode", value: true, text: page.w.giverByCode }]
            value: page.byCode
            onChosen: value => page.byCode = value
        }
        Choices {
            visible: page.isGuardian && !page.byCode
            width: parent.width
            options: [{ name: "father", value: "父亲", text: page.w.giverFather },
                { name: "mother", value: "母亲", text: page.w.giverMother },
                { name: "other", value: "其他监护人", text: page.w.giverOther }]
            value: page.relation
            onChosen: value => page.relation = value
        }
        Notice {
            width: parent.width
            text: page.isGuardian && page.byCode ? page.w.giverCodeText : ""
        }
        Row {
            visible: !(page.isGuardian && page.byCode)
            width: parent.width
            spacing: Theme.gapSmall
            Entry {
                id: name
                objectName: "giverName"
                width: parent.width - typing.width - parent.spacing
                title: page.w.giverName
                longest: 60
                onEntered: page.next()
            }
            Button {
                id: typing
                objectName: "letters"
                height: name.height
                text: page.w.pickLetters
                onPressed: { page.hasLetters = !page.hasLetters; name.take() }
            }
        }
        Letters {
            visible: page.hasLetters && name.visible
            width: parent.width
            onKeyed: called => name.key(called)
        }
        Choices {
            width: parent.width
            title: page.view.text.photograph || page.w.giverPhoto
            options: page.yesNo.map(one => Object.assign({ name: "photo_" + one.value }, one))
            value: page.keepsPhoto
            onChosen: value => page.keepsPhoto = value
        }
        Button {
            objectName: "next"
            anchors.right: parent.right
            width: Theme.px(300)
            kind: "brand"
            icon: "next"
            text: page.w.deskNext
            onPressed: page.next()
        }
    }
}
