import QtQuick
import theme
import controls

// The device bench: a window of a desk, not of a counter, so its measures follow its own size.
Window {
    id: root
    required property var view
    property bool isLargePrint: false
    property bool isHighContrast: false
    readonly property var state: view.state
    readonly property var words: view.words

    title: words.title + " · " + words.appTitle
    color: Theme.paper
    minimumWidth: 560
    minimumHeight: 600
    onClosing: view.closeAsked()

    // Nothing here is for a glove: a mouse is enough, and a whole bench has to fit
    readonly property real share: Math.max(0.5, Math.min(width / 920, height / 1040))
    Binding { target: Theme; property: "windowWidth"; value: 1280 * root.share }
    Binding { target: Theme; property: "windowHeight"; value: 800 * root.share }
    Binding { target: Theme; property: "dotsPerMm"; value: 1 }
    Binding { target: Theme; property: "isLargePrint"; value: root.isLargePrint }
    Binding { target: Theme; property: "isHighContrast"; value: root.isHighContrast }

    Item {
        anchors.fill: parent
        focus: true
        Keys.onPressed: event => { event.accepted = page.typed(event.key) }

        BenchPage {
            id: page
            anchors.fill: parent
            visible: root.state.stage === "ready"
            view: root.view
        }
        Opening {
            anchors.fill: parent
            visible: root.state.stage !== "ready"
            view: root.view
        }
    }
}
