import QtQuick
import theme

// Money: figures of one width, so that a growing sum does not jump; shrinks into its place.
Text {
    property int size: Theme.amount
    color: Theme.ink
    font.pixelSize: size
    font.weight: Font.Bold
    font.features: ({ "tnum": 1 })
    fontSizeMode: Text.HorizontalFit
    minimumPixelSize: Math.min(size, Theme.small)
    textFormat: Text.PlainText
    wrapMode: Text.NoWrap
}
