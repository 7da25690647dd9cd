import QtQuick
import theme
import controls

// A box for a finger or a pen. `strokes`: one list x, y, x, y, … per stroke, as they were drawn.
Rectangle {
    id: pad
    property string text: ""
    property bool isOn: true
    property var strokes: []
    readonly property bool hasInk: length > width * 0.1
    property real length: 0
    radius: Theme.radius
    color: Theme.surface
    border.width: 2
    border.color: Theme.brand

    function clear() {
        strokes = []
        length = 0
        ink.fresh = true
        ink.requestPaint()
    }
    function begin(x, y) {
        strokes.push([x, y])
    }
    function draw(x, y) {
        const stroke = strokes[strokes.length - 1]
        if (!stroke)
            return
        const last = stroke.length - 2
        length += Math.hypot(x - stroke[last], y - stroke[last + 1])
        stroke.push(x, y)
        ink.requestPaint()
    }

    Label {
        anchors { left: parent.left; bottom: line.top; margins: Theme.gap }
        text: pad.text
        size: Theme.body
        color: Theme.inkSoft
        visible: pad.length === 0
    }
    Rectangle {
        id: line
        anchors { left: parent.left; right: parent.right; bottom: parent.bottom; margins: Theme.gapLarge; bottomMargin: parent.height * 0.22 }
        height: 2
        color: Theme.line
    }
    Canvas {
        id: ink
        property bool fresh: false
        anchors.fill: parent
        onWidthChanged: requestPaint()
        onPaint: {
            const pen = getContext("2d")
            pen.clearRect(0, 0, width, height)
            pen.strokeStyle = Theme.ink
            pen.lineWidth = Math.max(3, Theme.px(5))
            pen.lineCap = "round"
            pen.lineJoin = "round"
            for (const stroke of pad.strokes) {
                pen.beginPath()
                pen.moveTo(stroke[0], stroke[1])
                for (let i = 2; i < stroke.length; i += 2)
                    pen.lineTo(stroke[i], stroke[i + 1])
                pen.stroke()
            }
        }
    }
    MouseArea {
        anchors.fill: parent
        enabled: pad.isOn
        preventStealing: true
        onPressed: mouse => pad.begin(mouse.x, mouse.y)
        onPositionChanged: mouse => pad.draw(mouse.x, mouse.y)
    }
}
