import QtQuick
import theme
import controls

// A heading and its buttons in columns of one width.
Column {
    id: group
    property string title: ""
    property int columns: 4
    default property alias buttons: grid.data
    spacing: Theme.gapSmall * 0.75

    Label {
        text: group.title
        size: Theme.small
        isStrong: true
        color: Theme.inkSoft
    }
    Grid {
        id: grid
        readonly property real cell: (width - (columns - 1) * spacing) / columns
        width: group.width
        columns: group.columns
        spacing: Theme.gapSmall
    }
}
