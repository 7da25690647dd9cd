import QtQuick
import theme
import controls

// Top to bottom: what this is, the line of money, the guided start, who stands there, what they do,
// what goes wrong, and what came of it.
Item {
    id: page
    required property var view
    readonly property var state: view.state
    readonly property var words: view.words
    readonly property bool isOn: state.is_up

    readonly property string webcamName: state.webcam.stage === "on" ? "webcamOff" : "webcam"
    readonly property var keys: ({
        [Qt.Key_C]: "code", [Qt.Key_W]: "channel", [Qt.Key_T]: "card", [Qt.Key_L]: "leaveCard",
        [Qt.Key_F]: "face", [Qt.Key_P]: "walk", [Qt.Key_S]: "still", [Qt.Key_O]: "two",
        [Qt.Key_X]: "stranger", [Qt.Key_N]: "network", [Qt.Key_K]: "power", [Qt.Key_A]: "paper",
        [Qt.Key_R]: "reader", [Qt.Key_M]: webcamName, [Qt.Key_V]: "serve", [Qt.Key_Return]: "guideDo",
        [Qt.Key_Escape]: "guideSkip"
    })

    function typed(key) {
        if (state.stage !== "ready")
            return false
        if (sheet.visible) {
            if (key === Qt.Key_Escape)
                view.act("webcamNo")
            return key === Qt.Key_Escape
        }
        if (key === Qt.Key_Left || key === Qt.Key_Right) {
            view.act("turn", key === Qt.Key_Left ? "back" : "next")
            return true
        }
        const name = keys[key]
        if (name === undefined || (state.guide === 0 && name.startsWith("guide")))
            return false
        view.act(name, view.language)
        return true
    }

    BenchTop {
        id: top
        anchors { left: parent.left; right: parent.right; top: parent.top }
        view: page.view
    }

    Column {
        id: upper
        anchors {
            left: parent.left; right: parent.right; top: top.bottom
            margins: Theme.gap
        }
        spacing: Theme.gap * 0.75

        MoneyBar { width: parent.width; view: page.view }
        GuideCard { width: parent.width; view: page.view; visible: page.state.guide > 0 }
        HolderCard { width: parent.width; view: page.view }

        Group {
            width: parent.width
            title: page.words.show
            columns: 4
            BenchButton { name: "code"; icon: "phone"; text: page.words.code; hint: "C"; view: page.view }
            BenchButton { name: "channel"; icon: "code"; text: page.words.channel; hint: "W"; view: page.view }
            BenchButton { name: "card"; icon: "card"; text: page.words.card; hint: "T"; view: page.view }
            BenchButton {
                name: "leaveCard"; icon: "card"; hint: "L"; view: page.view; isAlways: true
                isLit: page.state.is_card_lying
                text: page.state.is_card_lying ? page.words.cardGoes : page.words.cardStays
            }
        }
        Group {
            width: parent.width
            title: page.words.faces
            columns: 5
            BenchButton { name: "face"; icon: "face"; text: page.words.face; hint: "F"; view: page.view }
            BenchButton { name: "walk"; icon: "next"; text: page.words.walk; hint: "P"; view: page.view }
            BenchButton {
                name: "still"; icon: "person"; hint: "S"; view: page.view
                isLit: page.state.is_standing
                text: page.state.is_standing ? page.words.leave : page.words.still
            }
            BenchButton { name: "two"; icon: "person"; text: page.words.two; hint: "O"; view: page.view }
            BenchButton { name: "stranger"; icon: "eye"; text: page.words.stranger; hint: "X"; view: page.view }
        }
        Group {
            width: parent.width
            title: page.words.accidents
            columns: 4
            BenchButton {
                name: "network"; icon: page.state.is_network_cut ? "wifi" : "offline"; hint: "N"
                view: page.view; isAlways: true; isBad: page.state.is_network_cut
                text: page.state.is_network_cut ? page.words.mendNetwork : page.words.cutNetwork
            }
            BenchButton {
                name: "power"; icon: "power"; hint: "K"
                view: page.view; isAlways: true; isBad: !page.state.is_power_on
                text: page.state.is_power_on ? page.words.cutPower : page.words.givePower
            }
            BenchButton {
                name: "paper"; icon: "printer"; hint: "A"
                view: page.view; isAlways: true; isBad: page.state.is_paper_out
                text: page.state.is_paper_out ? page.words.putPaper : page.words.takePaper
            }
            BenchButton {
                name: "reader"; icon: "card"; hint: "R"
                view: page.view; isAlways: true; isBad: page.state.is_reader_out
                text: page.state.is_reader_out ? page.words.plugReader : page.words.unplugReader
            }
        }
        Group {
            width: parent.width
            title: page.words.more
            columns: 2
            BenchButton { name: "serve"; icon: "play"; text: page.words.serve; hint: "V"; view: page.view }
            BenchButton {
                name: page.webcamName
                icon: "camera"; hint: "M"; view: page.view; isAlways: true
                isLit: page.state.webcam.stage === "on"
                text: page.state.webcam.stage === "on" ? page.words.webcamOff : page.words.webcam
            }
        }
        Notice {
            width: parent.width
            text: page.state.noteText
            size: Theme.small
        }
    }

    Happened {
        anchors {
            left: parent.left; right: parent.right; top: upper.bottom; bottom: parent.bottom
            margins: Theme.gap
        }
        view: page.view
    }

    WebcamSheet {
        id: sheet
        anchors.fill: parent
        view: page.view
        visible: ["consent", "opening", "posing", "sending", "failed"]
            .indexOf(page.state.webcam.stage) >= 0
    }
}
