import QtQuick
import theme
import controls

// One thing to play; lit while it lasts, red while it is broken.
Button {
    required property var view
    property string name: ""
    property bool isAlways: false
    property bool isLit: false
    property bool isBad: false
    objectName: "bench_" + name
    width: parent ? parent.cell : implicitWidth
    height: Theme.px(60)
    size: Theme.body
    kind: isBad ? "bad" : isLit ? "brand" : "plain"
    isOn: isAlways || view.state.is_up
    onPressed: view.act(name, view.language)
}
