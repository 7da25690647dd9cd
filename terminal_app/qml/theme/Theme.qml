pragma Singleton
import QtQuick

// The one place where type, space and colour are decided. One Theme per window: a window tells it
// its size and its screen's density; large print and high contrast are chosen per window, too.
QtObject {
    id: theme

    // --- what the window says -----------------------------------------------------------------
    property real windowWidth: 1280
    property real windowHeight: 800
    property real dotsPerMm: 3.8
    // An upright screen that nobody shares has room to be larger
    property real portraitGrowth: 1
    property bool isLargePrint: false
    property bool isHighContrast: false
    // Nothing moves: for pictures, and for whoever is made dizzy
    property bool isStill: false

    // --- measure ------------------------------------------------------------------------------
    readonly property bool isPortrait: windowHeight > windowWidth
    // 1 at 1280×800 and at 1080×1920
    readonly property real scale: Math.max(0.6, isPortrait
        ? Math.min(windowWidth / 1080, windowHeight / 1920) * portraitGrowth
        : Math.min(windowWidth / 1280, windowHeight / 800))
    readonly property real printFactor: isLargePrint ? 1.2 : 1.0
    function px(size: real): real { return Math.round(size * scale) }
    function pt(size: real): int { return Math.round(size * scale * printFactor) }

    // A finger in a glove: 15 mm, and never below what a guess of the density may hide
    readonly property real targetMm: 15
    readonly property real target: Math.round(
        Math.min(Math.max(targetMm * dotsPerMm, px(56)), px(88)))

    // --- space --------------------------------------------------------------------------------
    readonly property real gapTiny: px(4)
    readonly property real gapSmall: px(8)
    readonly property real gap: px(16)
    readonly property real gapLarge: px(24)
    readonly property real gapHuge: px(40)
    readonly property real radius: px(14)
    readonly property real radiusSmall: px(8)
    readonly property real stroke: isHighContrast ? 2 : 1

    // --- type: seven sizes, each 1.25–1.5 of the one before; the family is the application's ------
    readonly property int small: pt(16)
    readonly property int body: pt(20)
    readonly property int label: pt(24)
    readonly property int title: pt(32)
    readonly property int heading: pt(44)
    readonly property int display: pt(64)
    readonly property int amount: pt(104)

    // --- colour: paper, ink, one teal of ours, and four states ----------------------------------
    readonly property color paper: isHighContrast ? "#ffffff" : "#f4f1ea"
    readonly property color surface: "#ffffff"
    readonly property color sunken: isHighContrast ? "#ffffff" : "#ebe6db"
    readonly property color line: isHighContrast ? "#000000" : "#d9d2c3"
    readonly property color ink: isHighContrast ? "#000000" : "#1d2a2c"
    readonly property color inkSoft: isHighContrast ? "#000000" : "#566163"
    readonly property color brandInk: "#ffffff"
    readonly property color brand: isHighContrast ? "#003b3b" : "#0d5c5b"
    readonly property color brandDeep: isHighContrast ? "#000000" : "#093f40"
    readonly property color brandSoft: isHighContrast ? "#ffffff" : "#dcebe8"

    readonly property color good: isHighContrast ? "#00491f" : "#14713a"
    readonly property color goodSoft: isHighContrast ? "#ffffff" : "#dff2e4"
    readonly property color warn: isHighContrast ? "#5a3000" : "#9a5400"
    readonly property color warnSoft: isHighContrast ? "#ffffff" : "#fdeccd"
    readonly property color bad: isHighContrast ? "#7a0000" : "#b0261e"
    readonly property color badSoft: isHighContrast ? "#ffffff" : "#fbe3df"
    readonly property color calm: isHighContrast ? "#00285a" : "#1f4f86"
    readonly property color calmSoft: isHighContrast ? "#ffffff" : "#e1ebf7"

    // Fills the diner's glass where nothing was paid; ink is read on it
    readonly property color amber: isHighContrast ? "#ffb000" : "#f3ab2c"

    // A state's strong and soft colour by its name
    function strong(kind: string): color {
        switch (kind) {
        case "good": return good
        case "warn": return warn
        case "bad": return bad
        case "calm": return calm
        case "brand": return brand
        }
        return inkSoft
    }
    function soft(kind: string): color {
        switch (kind) {
        case "good": return goodSoft
        case "warn": return warnSoft
        case "bad": return badSoft
        case "calm": return calmSoft
        case "brand": return brandSoft
        }
        return sunken
    }

    // --- movement -------------------------------------------------------------------------------
    readonly property int quick: isStill ? 0 : 120
    readonly property int steady: isStill ? 0 : 240
}
