"""The anchor of a cold start: an empty QML window with one sentence, and its first frame.

python -m benchmarks.bare_window            says {"frame": "first", "at": monotonic seconds}
"""

import json
import os
import sys
import time

os.environ.setdefault("QT_QUICK_BACKEND", "software")

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtQml import QQmlApplicationEngine
from PySide6.QtQuick import QQuickWindow

QML = b"""
import QtQuick
Window {
    width: 1280; height: 800; visible: true
    Text { anchors.centerIn: parent; text: "hello" }
}
"""


def main() -> int:
    """Open, say when the first frame was there, and end."""
    app = QGuiApplication(sys.argv)
    engine = QQmlApplicationEngine()
    engine.loadData(QML)
    window = engine.rootObjects()[0]
    assert isinstance(window, QQuickWindow)

    def swapped() -> None:
        window.frameSwapped.disconnect(swapped)
        print(json.dumps({"frame": "first", "at": time.monotonic()}), flush=True)
        # Not from within the frame: Qt ends badly there
        QTimer.singleShot(0, app.quit)

    window.frameSwapped.connect(swapped)
    code = app.exec()
    del engine
    return code


if __name__ == "__main__":
    sys.exit(main())
