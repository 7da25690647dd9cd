"""Lists for QML whose rows keep their place: a row that stays is not drawn anew.

A plain list would make every delegate again with each view, and a button under a finger with it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Row = Mapping[str, Any]
Index = QModelIndex | QPersistentModelIndex
_FIRST_ROLE = int(Qt.ItemDataRole.UserRole) + 1


class LineModel(QAbstractListModel):
    """Rows with the named roles. `key` names the role by which a row is known again."""

    def __init__(self, roles: Sequence[str], key: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._names = {_FIRST_ROLE + place: name for place, name in enumerate(roles)}
        self._key = key
        self._rows: list[Row] = []

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """How many rows there are."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = _FIRST_ROLE) -> Any:
        """One role of one row; None outside the list."""
        name = self._names.get(role)
        if name is None or not 0 <= index.row() < len(self._rows):
            return None
        return self._rows[index.row()].get(name)

    def roleNames(self) -> dict[int, Any]:
        """The roles by which delegates read a row."""
        return {role: name.encode() for role, name in self._names.items()}

    def rows(self) -> list[Row]:
        """The present rows, for tests."""
        return list(self._rows)

    def put(self, rows: Sequence[Row]) -> None:
        """Show these rows, moving as few as possible: those gone go, new ones come in place."""
        keys = {row[self._key] for row in rows}
        for place in reversed(range(len(self._rows))):
            if self._rows[place][self._key] not in keys:
                self._remove(place)
        for place, row in enumerate(rows):
            self._settle(place, row)

    def _settle(self, place: int, row: Row) -> None:
        found = self._find(row[self._key], place)
        if found is None:
            self.beginInsertRows(QModelIndex(), place, place)
            self._rows.insert(place, row)
            self.endInsertRows()
            return
        if found != place:
            self.beginMoveRows(QModelIndex(), found, found, QModelIndex(), place)
            self._rows.insert(place, self._rows.pop(found))
            self.endMoveRows()
        if self._rows[place] != row:
            self._rows[place] = row
            self.dataChanged.emit(self.index(place), self.index(place))

    def _find(self, key: Any, start: int) -> int | None:
        places = range(start, len(self._rows))
        return next((place for place in places if self._rows[place][self._key] == key), None)

    def _remove(self, place: int) -> None:
        self.beginRemoveRows(QModelIndex(), place, place)
        del self._rows[place]
        self.endRemoveRows()
