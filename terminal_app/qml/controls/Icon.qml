import QtQuick
import QtQuick.Shapes
import theme

// Our own line icons on a grid of 24; no icon font to go missing.
Item {
    id: icon
    property string name: ""
    property color color: Theme.ink
    property real size: Theme.label
    property real weight: 2
    implicitWidth: size
    implicitHeight: size

    readonly property var paths: ({
        "check": "M4 12.5 L10 18.5 L20 6.5",
        "cross": "M6 6 L18 18 M18 6 L6 18",
        "alert": "M12 3 L22 20.5 L2 20.5 Z M12 10 L12 14.5 M12 17.4 L12 17.6",
        "clock": "M12 3 A9 9 0 1 1 11.99 3 M12 7 L12 12 L15.5 14.5",
        "undo": "M9 5 L4 10 L9 15 M4 10 L14 10 A5.5 5.5 0 0 1 14 20 L10 20",
        "lock": "M6 11 L18 11 L18 20 L6 20 Z M8.5 11 L8.5 8 A3.5 3.5 0 0 1 15.5 8 L15.5 11",
        "card": "M3 6 L21 6 L21 18 L3 18 Z M3 10 L21 10 M6.5 14.5 L10 14.5",
        "code": "M4 4 L9.5 4 L9.5 9.5 L4 9.5 Z M14.5 4 L20 4 L20 9.5 L14.5 9.5 Z "
            + "M4 14.5 L9.5 14.5 L9.5 20 L4 20 Z M14.5 14.5 L17 14.5 L17 17 M20 14.5 L20 20 L14.5 20",
        "face": "M4 8 L4 4 L8 4 M16 4 L20 4 L20 8 M20 16 L20 20 L16 20 M8 20 L4 20 L4 16 "
            + "M9 9.5 L9 10.5 M15 9.5 L15 10.5 M8.5 14.5 C10 16.5 14 16.5 15.5 14.5",
        "number": "M9.5 4 L7.5 20 M16.5 4 L14.5 20 M4 9 L20 9 M4 15 L20 15",
        "cash": "M3 6.5 L21 6.5 L21 17.5 L3 17.5 Z M12 9.2 A2.8 2.8 0 1 1 11.99 9.2 "
            + "M6 12 L6.2 12 M17.8 12 L18 12",
        "account": "M6 3 L18 3 L18 21 L15 19 L12 21 L9 19 L6 21 Z M9.5 8 L14.5 8 M9.5 12 L14.5 12",
        "person": "M12 4 A4 4 0 1 1 11.99 4 M4.5 20.5 C5.5 14.5 18.5 14.5 19.5 20.5",
        "wifi": "M3 9.5 C8 4.5 16 4.5 21 9.5 M6.5 13.2 C9.5 10.2 14.5 10.2 17.5 13.2 "
            + "M12 17.5 L12 17.7",
        "offline": "M3 9.5 C8 4.5 16 4.5 21 9.5 M6.5 13.2 C9.5 10.2 14.5 10.2 17.5 13.2 "
            + "M12 17.5 L12 17.7 M4 20 L20 4",
        "sync": "M20 5 L20 10 L15 10 M20 10 A8.2 8.2 0 0 0 5 8.5 M4 19 L4 14 L9 14 "
            + "M4 14 A8.2 8.2 0 0 0 19 15.5",
        "printer": "M7 8 L7 3.5 L17 3.5 L17 8 M4 8 L20 8 L20 16 L17 16 M7 16 L4 16 L4 8 "
            + "M7 13 L17 13 L17 20.5 L7 20.5 Z",
        "scanner": "M4 8 L4 4 L8 4 M16 4 L20 4 L20 8 M20 16 L20 20 L16 20 M8 20 L4 20 L4 16 "
            + "M4 12 L20 12",
        "camera": "M3 7.5 L8 7.5 L9.5 5 L14.5 5 L16 7.5 L21 7.5 L21 19 L3 19 Z "
            + "M12 9.5 A3.5 3.5 0 1 1 11.99 9.5",
        "scale": "M4 20 L20 20 L18 10 L6 10 Z M12 4 L12 10 M8 4 L16 4 M12 14 L14 12.5",
        "drawer": "M3 9 L21 9 L21 19 L3 19 Z M6 9 L6 5 L18 5 L18 9 M10 14 L14 14",
        "trigger": "M12 3 L12 9 M12 9 A6 6 0 1 1 11.99 9 M12 13.5 A1.5 1.5 0 1 1 11.99 13.5",
        "speaker": "M4 9.5 L8 9.5 L13 5 L13 19 L8 14.5 L4 14.5 Z M16.5 9 C18.2 11 18.2 13 16.5 15",
        "plus": "M12 4.5 L12 19.5 M4.5 12 L19.5 12",
        "backspace": "M9 5.5 L21 5.5 L21 18.5 L9 18.5 L3 12 Z M12.5 9.5 L17.5 14.5 "
            + "M17.5 9.5 L12.5 14.5",
        "menu": "M4 6.5 L20 6.5 M4 12 L20 12 M4 17.5 L20 17.5",
        "play": "M7 4.5 L19 12 L7 19.5 Z",
        "pause": "M8 5 L8 19 M16 5 L16 19",
        "phone": "M7.5 3 L16.5 3 L16.5 21 L7.5 21 Z M11 17.8 L13 17.8",
        "meal": "M4 13 L20 13 C20 18 16.5 20 12 20 C7.5 20 4 18 4 13 Z M8.5 9.5 C7.5 8 9.5 7 8.5 5 "
            + "M12.5 9.5 C11.5 8 13.5 7 12.5 5 M16.5 9.5 C15.5 8 17.5 7 16.5 5",
        "power": "M12 3.5 L12 11 M7 6 A8 8 0 1 0 17 6",
        "next": "M5 12 L19 12 M13 6 L19 12 L13 18",
        "back": "M19 12 L5 12 M11 6 L5 12 L11 18",
        "stop": "M6 6 L18 6 L18 18 L6 18 Z",
        "key": "M8 11.5 A3.5 3.5 0 1 1 7.99 11.5 M10.5 12.5 L19.5 3.5 M16 7 L18.5 9.5",
        "print": "M6 3 L18 3 L18 21 L15 19 L12 21 L9 19 L6 21 Z M9.5 8 L14.5 8 M9.5 12 L14.5 12",
        "day": "M4 6 L20 6 L20 20 L4 20 Z M4 10.5 L20 10.5 M8.5 3.5 L8.5 7.5 M15.5 3.5 L15.5 7.5",
        "eye": "M2.5 12 C7 5 17 5 21.5 12 C17 19 7 19 2.5 12 Z M12 9.2 A2.8 2.8 0 1 1 11.99 9.2",
        "info": "M12 3 A9 9 0 1 1 11.99 3 M12 11 L12 16.5 M12 7.6 L12 7.8"
    })

    Shape {
        anchors.fill: parent
        antialiasing: true
        preferredRendererType: Shape.CurveRenderer
        ShapePath {
            strokeColor: icon.color
            strokeWidth: icon.weight * icon.size / 24
            fillColor: "transparent"
            capStyle: ShapePath.RoundCap
            joinStyle: ShapePath.RoundJoin
            scale: Qt.size(icon.size / 24, icon.size / 24)
            PathSvg { path: icon.paths[icon.name] || "" }
        }
    }
}
