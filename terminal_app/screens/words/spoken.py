"""The words as an object of QML: each is a property, and a language's change tells those read.

A plain map of them would be copied whole for every word that is read.
"""

from PySide6.QtCore import QObject
from PySide6.QtQml import QQmlPropertyMap

from domain.messages import Language
from terminal_app.screens.words import words_in


def spoken(language: Language, parent: QObject) -> QQmlPropertyMap:
    """Make the words of one language, owned by `parent`."""
    words = QQmlPropertyMap.create(parent)
    speak(words, language)
    words.freeze()
    return words


def speak(words: QQmlPropertyMap, language: Language) -> None:
    """Have the words speak another language."""
    words.insert(words_in(language))
