import QtQuick
import theme

// A sheet on the paper.
Rectangle {
    property string kind: "surface"
    radius: Theme.radius
    color: kind === "surface" ? Theme.surface : Theme.soft(kind)
    border.width: Theme.stroke
    border.color: kind === "surface" ? Theme.line : Qt.alpha(Theme.strong(kind), 0.35)
}
