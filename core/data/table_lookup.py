"""Which file a cell of a table means."""

import posixpath
from collections import defaultdict
from collections.abc import Sequence
from pathlib import PurePosixPath

from core.data import names, scan

MISSING = "there is no such file"
SEVERAL = "that names several files: give their folders as well"


class Lookup:
    """Finds the file that a cell means: by its path from the table or from the root, else by its name.

    A cell with folders is only ever taken for a file whose folders agree with them, from the last one
    upwards, as far as both go: so a path from another machine still finds its file, and a file that is
    missing is not taken for one of the same name elsewhere. Endings may be left out.
    """

    def __init__(self, files: Sequence[str], base: PurePosixPath) -> None:
        self._base = base
        self._exact = {scan.text(file): file for file in files}
        self._by_name: dict[str, list[str]] = defaultdict(list)
        self._by_stem: dict[str, list[str]] = defaultdict(list)
        for file in files:
            path = PurePosixPath(scan.text(file))
            self._by_name[path.name].append(file)
            self._by_stem[path.stem].append(file)
        self._flat = not any("/" in file for file in files)

    def find(self, cell: object) -> tuple[str | None, str]:
        """The file, or None; and then why."""
        if not isinstance(cell, (str, int)) or not str(cell).strip():
            return None, "the row names no file"
        wanted = PurePosixPath(posixpath.normpath(scan.text(str(cell).replace("\\", "/"))))
        # Long names were shortened when they were unpacked.
        for path in dict.fromkeys((wanted, names.shortened(wanted))):
            found = self._at(path) or self._like(path)
            if len(found) == 1:
                return found[0], ""
            if found:
                return None, SEVERAL
        return None, MISSING

    def _at(self, path: PurePosixPath) -> list[str]:
        for candidate in (posixpath.normpath(self._base / path), str(path)):
            if candidate in self._exact:
                return [self._exact[candidate]]
        return []

    def _like(self, path: PurePosixPath) -> list[str]:
        """The files of that name, whole or without ending, whose folders agree best."""
        candidates = self._by_name.get(path.name) or self._by_stem.get(path.name, [])
        agreeing = {file: self._agreement(path, file) for file in candidates}
        best = max(agreeing.values(), default=-1)
        return [file for file, folders in agreeing.items() if folders == best >= 0]

    def _agreement(self, wanted: PurePosixPath, file: str) -> int:
        """How many of the last folders are the same; -1 where they contradict each other."""
        asked = tuple(part for part in wanted.parts[:-1] if part != "/")
        there = PurePosixPath(scan.text(file)).parts[:-1]
        if not asked or self._flat:
            return 0
        n = min(len(asked), len(there))
        return n if n and asked[-n:] == there[-n:] else -1
