import QtQuick
import theme
import controls
import "../diner"

// One picture and one sentence for the person: a welcome, a question being asked, a thank-you.
Item {
    id: page
    required property var view
    readonly property var w: view.words
    readonly property bool isDone: view.phase === "done"

    Fit {
        anchors.fill: parent
        spacing: Theme.gapLarge
        Medal {
            anchors.horizontalCenter: parent.horizontalCenter
            icon: page.isDone ? "check" : page.view.phase === "halted" ? "clock" : "face"
            size: Theme.px(170)
        }
        Label {
            width: parent.width
            horizontalAlignment: Text.AlignHCenter
            size: Theme.display
            isStrong: true
            text: {
                switch (page.view.phase) {
                case "person": return page.w.glassHello.arg(page.view.person.name || "")
                case "giver": case "twin": return page.w.glassAnswer
                case "halted": return page.w.haltedPerson
                case "done": return page.w.donePerson
                case "withdraw": case "withdrawn": return page.w.glassWithdraw
                }
                return page.w.glassWelcome
            }
        }
        Label {
            width: parent.width
            horizontalAlignment: Text.AlignHCenter
            size: Theme.title
            color: Theme.inkSoft
            text: {
                switch (page.view.phase) {
                case "person": return page.w.glassCheck + "  " + (page.view.person.number || "")
                case "giver": return page.view.text.photograph || page.w.giverTitle
                case "twin": return page.w.twinTitle
                case "halted": return page.view.problemText
                case "done": return page.view.alikeCount > 0 || page.view.twin === "yes"
                    ? page.w.donePersonAlike : page.w.donePersonText
                case "withdraw": return page.w.withdrawText
                case "withdrawn": return page.view.isGone ? page.w.withdrawnGone : page.w.withdrawnGoing
                }
                return page.w.glassWelcomeText
            }
        }
    }
}
