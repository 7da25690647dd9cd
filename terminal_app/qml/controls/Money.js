.pragma library

// 1250 → "¥12.50": what a form shows while somebody types; everything else comes written.
function written(fen) {
    const digits = String(Math.abs(fen)).padStart(3, "0")
    return (fen < 0 ? "-¥" : "¥") + digits.slice(0, -2) + "." + digits.slice(-2)
}

// One more key on a typed sum in fen, at most eight digits.
function typed(fen, key) {
    const next = String(fen === 0 ? "" : fen) + key
    return next.length > 8 ? fen : Number(next)
}

function backspaced(fen) {
    return Math.floor(fen / 10)
}
