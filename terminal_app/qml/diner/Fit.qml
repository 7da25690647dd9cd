import QtQuick

// A column in the middle of its place that shrinks as a whole before anything of it is cut: large
// print and long sentences never push a key off the glass.
Item {
    id: fit
    default property alias content: column.data
    property alias spacing: column.spacing
    property bool isLeft: false
    readonly property real share: Math.min(1, height / Math.max(1, column.implicitHeight))

    Column {
        id: column
        width: fit.width
        anchors.verticalCenter: parent.verticalCenter
        transformOrigin: fit.isLeft ? Item.Left : Item.Center
        scale: fit.share
    }
}
