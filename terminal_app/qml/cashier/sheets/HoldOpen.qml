import QtQuick
import theme
import controls

// A supervisor serves a meal beyond its hours: which one, then the PIN.
Sheet {
    id: sheet
    title: w.holdOpen
    icon: "meal"
    roomWidth: Theme.px(560)
    function choose(period, name) {
        const view = sheet.view
        cashier.askSupervisor(name, pin => view.act.holdOpen(period, pin))
    }
    Column {
        width: parent.width
        spacing: Theme.gap
        Repeater {
            model: sheet.view.meals
            delegate: Button {
                required property string key
                required property string name
                objectName: "meal_" + key
                width: parent.width
                icon: "meal"
                text: name
                onPressed: sheet.choose(key, name)
            }
        }
    }
}
