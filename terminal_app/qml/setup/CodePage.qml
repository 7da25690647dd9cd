import QtQuick
import theme
import controls
import "../diner"

// Scan the activation code; or type it, with the server's address.
FocusScope {
    id: page
    required property var view
    property bool isTyping: false
    readonly property var w: view.words
    readonly property bool isAsking: view.stage === "asking"
    focus: true

    function bind() {
        if (!isAsking)
            view.act.bind(code.text.toUpperCase(), server.text)
    }
    function type() {
        isTyping = true
        if (server.text === "")
            server.text = view.server || "http://"
        code.take()
    }
    function scanInstead() {
        isTyping = false
        page.forceActiveFocus()
    }
    function active() {
        return server.isActive ? server : code
    }
    // Whoever begins to type wants to type
    Keys.onPressed: event => {
        if (!page.isTyping && event.text.length === 1 && /[0-9A-Za-z]/.test(event.text)) {
            event.accepted = true
            page.type()
            code.key(event.text)
        }
    }

    Fit {
        id: scanning
        visible: !page.isTyping
        anchors.centerIn: parent
        width: Math.min(page.width, Theme.px(860))
        height: page.height
        spacing: Theme.gapLarge
        Item {
            anchors.horizontalCenter: parent.horizontalCenter
            width: Theme.px(230)
            height: width
            Rectangle {
                anchors.fill: parent
                radius: Theme.radius * 2
                color: Theme.brandSoft
                border.width: Theme.isHighContrast ? 2 : 0
                border.color: Theme.brand
            }
            Icon {
                anchors.centerIn: parent
                visible: !page.isAsking
                name: "code"
                size: parent.width * 0.62
                weight: 1.6
                color: Theme.brand
            }
            Spinner {
                anchors.centerIn: parent
                visible: page.isAsking
                width: parent.width * 0.5
                height: width
            }
        }
        Label {
            width: parent.width
            horizontalAlignment: Text.AlignHCenter
            text: page.isAsking ? page.w.setupAsking : page.w.setupScan
            size: Theme.heading
            isStrong: true
        }
        Label {
            width: parent.width
            horizontalAlignment: Text.AlignHCenter
            text: page.isAsking ? page.w.setupAskingText.arg(page.view.server)
                : page.view.hasScanner ? page.w.setupScanText : page.w.setupScanCamera
            size: Theme.label
            color: Theme.inkSoft
            wrapMode: page.isAsking ? Text.WrapAnywhere : Text.Wrap
        }
        Notice {
            width: parent.width
            text: page.isAsking || page.view.mayScan ? "" : page.w.setupNoScan
            icon: "camera"
            kind: "warn"
            size: Theme.label
        }
        Notice {
            objectName: "refusal"
            width: parent.width
            text: page.view.refusalText
            icon: "alert"
            kind: "bad"
            size: Theme.label
        }
        Button {
            objectName: "type"
            anchors.horizontalCenter: parent.horizontalCenter
            visible: !page.isAsking
            text: page.w.setupType
            kind: page.view.mayScan ? "plain" : "brand"
            icon: "number"
            onPressed: page.type()
        }
    }

    Column {
        id: typing
        visible: page.isTyping
        anchors.centerIn: parent
        width: Math.min(page.width, Theme.px(1100))
        spacing: Theme.gap
        Row {
            width: parent.width
            spacing: Theme.gap
            Column {
                width: parent.width - back.width - parent.spacing
                anchors.verticalCenter: parent.verticalCenter
                Label { width: parent.width; text: page.w.setupTyped; size: Theme.title; isStrong: true }
                Label { width: parent.width; text: page.w.setupTypedText; color: Theme.inkSoft }
            }
            Button {
                id: back
                objectName: "scanInstead"
                text: page.w.setupScanInstead
                icon: "code"
                isOn: !page.isAsking
                onPressed: page.scanInstead()
            }
        }
        Notice {
            width: parent.width
            text: page.isAsking ? page.w.setupAskingText.arg(page.view.server) : page.view.refusalText
            icon: page.isAsking ? "sync" : "alert"
            kind: page.isAsking ? "calm" : "bad"
        }
        Grid {
            width: parent.width
            columns: page.width > page.height ? 2 : 1
            spacing: Theme.gapSmall
            readonly property real half: columns === 2 ? (width - spacing) / 2 : width
            Entry {
                id: code
                objectName: "code"
                width: parent.half
                title: page.w.setupCode
                sample: "7K2M-9QXF"
                isUpper: true
                KeyNavigation.tab: server
                onEntered: server.text.length > 8 ? page.bind() : server.take()
                onAbandoned: page.scanInstead()
            }
            Entry {
                id: server
                objectName: "server"
                width: parent.half
                title: page.w.setupServer
                sample: "http://10.0.0.2:8000"
                KeyNavigation.tab: code
                onEntered: page.bind()
                onAbandoned: page.scanInstead()
            }
        }
        Letters {
            width: parent.width
            isLower: server.isActive
            isOn: !page.isAsking
            onKeyed: name => page.active().key(name)
        }
        Button {
            objectName: "bind"
            anchors.right: parent.right
            width: Theme.px(280)
            kind: "brand"
            icon: "check"
            text: page.w.setupBind
            isOn: code.text !== "" && !page.isAsking
            onPressed: page.bind()
        }
    }
}
