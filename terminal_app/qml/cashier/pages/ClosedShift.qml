import QtQuick
import theme
import controls

// The count of the shift that was just closed: counted, booked, difference, and what stays behind.
Card {
    id: card
    required property var view
    readonly property int difference: view.closedDifference
    implicitHeight: rows.implicitHeight + 2 * Theme.gapLarge
    height: implicitHeight

    Column {
        id: rows
        anchors { fill: parent; margins: Theme.gapLarge }
        spacing: Theme.gapSmall * 1.5
        Heading { icon: "day"; text: card.view.words.closedTitle; size: Theme.title }
        Line { title: card.view.words.counted; value: card.view.closedCountedText }
        Line { title: card.view.words.expected; value: card.view.closedExpectedText }
        Line {
            title: card.view.words.difference
            value: (card.difference > 0 ? "+" : "") + card.view.closedDifferenceText
            icon: card.difference === 0 ? "check" : "alert"
            kind: card.difference === 0 ? "good" : "bad"
            isStrong: true
        }
        Rectangle { width: parent.width; height: Theme.stroke; color: Theme.line }
        Repeater {
            model: card.view.tallies
            delegate: Line {
                required property string way
                required property int count
                required property string amountText
                width: rows.width
                title: way + "  ·  " + card.view.words.salesCount.arg(count)
                value: amountText
            }
        }
        Chip {
            readonly property bool isEmpty: card.view.closedWaitingCount <= 0
            kind: isEmpty ? "good" : "warn"
            icon: isEmpty ? "check" : "alert"
            text: isEmpty ? card.view.words.nothingWaiting
                : card.view.words.stillWaiting.arg(card.view.closedWaitingCount)
                    .arg(card.view.closedWaitingText)
        }
    }
}
