import QtQuick
import theme

// Text of a size of the scale; it wraps, and shrinks before it is cut.
Text {
    property int size: Theme.body
    property bool isStrong: false
    color: Theme.ink
    font.pixelSize: size
    font.weight: isStrong ? Font.DemiBold : Font.Normal
    wrapMode: Text.Wrap
    textFormat: Text.PlainText
    renderType: Text.NativeRendering
}
