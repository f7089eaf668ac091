"""Reading the headers of a tar that may have been made to exhaust memory or time.

Long names, comments and the maps of files with holes are stored in blocks before a member, of any size and
number, and Python's `tarfile` reads them whole. Here they are counted before they are read.
"""

import tarfile
from typing import Any

from core.errors import ArchiveError

MOST_BYTES = 2**20  # of the blocks before one member
MOST_BYTES_FOR_ALL = 2**14  # of those that hold for every later member: they are gone through each time
MOST_BLOCKS = 32  # before one member: `tarfile` nests a call for each
_BLOCKS = (
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
)


class Tar(tarfile.TarFile):
    """A tar whose headers cannot exhaust memory, and which is read from its beginning to its end."""

    firstmember: tarfile.TarInfo | None
    members: list[tarfile.TarInfo]
    _blocks = _bytes = _bytes_for_all = 0

    def next(self) -> tarfile.TarInfo | None:
        """The next member, or None.

        Raises:
            ArchiveError: its headers are out of all proportion.
            tarfile.TarError: they are damaged.
        """
        if self.firstmember is not None:  # read when the tar was opened
            return super().next()
        before = self.offset
        self._blocks = self._bytes = 0
        member = super().next()
        if member is not None and self.offset <= before:
            raise tarfile.ReadError("a header points backwards")
        return member

    def count(self, header: tarfile.TarInfo, size: int) -> None:
        """Note a block of so many bytes that is about to be read."""
        self._blocks += 1
        self._bytes += size
        self._bytes_for_all += size if header.type == tarfile.XGLTYPE else 0
        if (
            not 0 <= size <= self._bytes <= MOST_BYTES
            or self._blocks > MOST_BLOCKS
            or self._bytes_for_all > MOST_BYTES_FOR_ALL
        ):
            raise _refused()


class Header(tarfile.TarInfo):
    """One header. `tarfile` calls these methods by its type, and leaves them to subclasses to replace."""

    def _proc_member(self, archive: Tar) -> Any:
        if self.type in _BLOCKS:
            archive.count(self, self.size)
        return super()._proc_member(archive)  # type: ignore[misc]

    def _proc_sparse(self, archive: Tar) -> Any:
        """A file with holes, as GNU tar wrote it: the map is passed over, as such files are not taken."""
        self.sparse = b""
        size, more = 0, self._sparse_structs[1]  # type: ignore[attr-defined]
        while more:
            size += tarfile.BLOCKSIZE
            if size > MOST_BYTES:
                raise _refused()
            block = archive.fileobj.read(tarfile.BLOCKSIZE)  # type: ignore[union-attr]
            more = len(block) == tarfile.BLOCKSIZE and bool(block[504])
        return self._proc_builtin(archive)  # type: ignore[attr-defined]

    def _proc_gnusparse_10(self, following: tarfile.TarInfo, pax: object, archive: Tar) -> None:
        """The same, as newer GNU tars write it."""
        following.sparse = b""


Tar.tarinfo = Header


def _refused() -> ArchiveError:
    return ArchiveError(
        "The tar is refused: what it says of a single file (long names, comments) takes more than "
        f"{MOST_BYTES >> 20} MiB, as with images it never does. Pack the folder again."
    )
