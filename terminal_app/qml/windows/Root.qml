import QtQuick
import theme

// A bare window: it tells the Theme its size and density, and paints the paper.
Window {
    id: root
    required property var view
    property bool isLargePrint: false
    property bool isHighContrast: false
    property bool isStill: false
    // What a panel that lies about its size really has; 0 believes the screen
    property real dotsPerMm: 0

    color: Theme.paper
    visible: false
    onClosing: view.closeAsked()

    Binding { target: Theme; property: "windowWidth"; value: root.width }
    Binding { target: Theme; property: "windowHeight"; value: root.height }
    Binding { target: Theme; property: "dotsPerMm"; value: root.dotsPerMm || root.Screen.pixelDensity || 3.8 }
    Binding { target: Theme; property: "isLargePrint"; value: root.isLargePrint }
    Binding { target: Theme; property: "isStill"; value: root.isStill }
    Binding { target: Theme; property: "isHighContrast"; value: root.isHighContrast }
}
