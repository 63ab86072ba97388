"""Where spread work is written: Parquet on this machine or in an object store, part by part, then as one file."""

from __future__ import annotations

import contextlib
import re
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise import remote
from tonewise.errors import MissingExtraError, OptionError

if TYPE_CHECKING:
    import pyarrow as pa

#: Rows that are joined at a time, and parts that are kept in memory while that is done: these bound the memory.
JOINED_ROWS = 4096
OPEN_PARTS = 32

#: Schemes beside those of `remote` that can be written to; `http` and `https` cannot be.
_ALSO = ("file", "memory")
_UNWRITABLE = ("http", "https")
_ADDRESS = re.compile(rf"(?P<scheme>{'|'.join(_ALSO)}):/{{1,3}}(?P<rest>[^/].*)", re.DOTALL)  # Path() drops slashes


@dataclass(frozen=True, slots=True)
class Place:
    """A file to be written, on any file system that fsspec knows.

    Attributes:
        shown: for people.
        path: on its file system.
        system: a `pyarrow.fs.FileSystem`.
    """

    shown: str
    path: str
    system: Any

    @classmethod
    def of(cls, target: str | Path) -> Place:
        """The place of a path or an address.

        Raises:
            OptionError: it is no Parquet file, or nothing can be written there.
            MissingExtraError: nothing that can write such addresses is installed.
        """
        if not str(target).lower().endswith(".parquet"):
            raise OptionError(f"{target}: vectors are written as Parquet; choose a name that ends in .parquet")
        url = _address(target)
        if url is None:
            from pyarrow.fs import LocalFileSystem

            return cls(str(target), str(Path(target).absolute()), LocalFileSystem())
        if url.startswith(tuple(f"{scheme}:" for scheme in _UNWRITABLE)):
            raise OptionError(f"{url}: nothing can be written there; choose a file, s3://, gs:// or az://")
        return _of_address(url)

    def write(self, name: str, write: Callable[[str], object]) -> None:
        """Write a file whole or not at all: `write` gets the path of one that takes the place of `name` at the end.

        Raises:
            OptionError: it cannot be written.
        """
        arriving = f"{name}.{uuid.uuid4().hex}.arriving"
        try:
            self.system.create_dir(name.rpartition("/")[0], recursive=True)
            try:
                write(arriving)
                self.system.move(arriving, name)
            except BaseException:
                with contextlib.suppress(OSError):
                    self.system.delete_file(arriving)
                raise
        except (OSError, ValueError) as error:
            raise OptionError(f"{self.shown} cannot be written ({error}); choose another -o") from error


class Parts:
    """Finished parts of a table, a file each beside it, so that a run that was killed goes on where it was.

    A part is named by everything that it depends on. `finish` deletes them all, those of other runs among them.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._folder = f"{place.path}.parts"
        self._open: OrderedDict[str, pa.Table] = OrderedDict()
        self._unkept: dict[str, pa.Table] = {}

    def known(self) -> frozenset[str]:
        """Keys of the parts that are there."""
        from pyarrow.fs import FileSelector

        try:
            found = self._place.system.get_file_info(FileSelector(self._folder, allow_not_found=True))
        except OSError as error:
            raise OptionError(f"{self._place.shown} cannot be reached ({error}); choose another -o") from error
        return frozenset(info.base_name.removesuffix(".parquet") for info in found if info.extension == "parquet")

    def put(self, key: str, table: pa.Table, *, keep: bool = True) -> None:
        """Write a part; with `keep` False it lasts for this run only."""
        from pyarrow import parquet

        if not keep:
            self._unkept[key] = table
            return
        system = self._place.system
        self._place.write(self._file(key), lambda path: parquet.write_table(table, path, filesystem=system))

    def get(self, key: str) -> pa.Table | None:
        """A part, None where it is damaged or gone."""
        import pyarrow as pa
        from pyarrow import parquet

        if key in self._unkept:
            return self._unkept[key]
        if key not in self._open:
            try:
                found = parquet.ParquetFile(self._file(key), filesystem=self._place.system).read()
            except (OSError, pa.ArrowInvalid):
                return None
            self._open[key] = found
            while len(self._open) > OPEN_PARTS:
                self._open.popitem(last=False)
        self._open.move_to_end(key)
        return self._open[key]

    def finished(self, key: str) -> pa.Table:
        """A part that was written.

        Raises:
            OptionError: it has gone meanwhile.
        """
        found = self.get(key)
        if found is None:
            raise OptionError(f"{self._file(key)} has gone, a finished part of {self._place.shown}; run the same again")
        return found

    def finish(self) -> None:
        """Delete the parts."""
        with contextlib.suppress(OSError):
            self._place.system.delete_dir(self._folder)

    def _file(self, key: str) -> str:
        return f"{self._folder}/{key}.parquet"


def write_joined(place: Place, pieces: Iterator[pa.Table], schema: pa.Schema) -> None:
    """Write tables, one after the other, as one Parquet file.

    Raises:
        OptionError: it cannot be written.
    """
    from pyarrow import parquet

    def write(path: str) -> None:
        with parquet.ParquetWriter(path, schema, filesystem=place.system) as writer:
            for piece in pieces:
                writer.write_table(piece)

    place.write(place.path, write)


def rows_of(parts: Parts, keys: Sequence[str], places: Sequence[tuple[int, int]]) -> Iterator[pa.Table]:
    """Rows of parts in a given order, `JOINED_ROWS` at a time.

    Args:
        parts: see `Parts`.
        keys: of the parts, by number.
        places: of each row: its part's number and its place in it; number −1 = in none.
    """
    import pyarrow as pa

    for first in range(0, len(places), JOINED_ROWS):
        wanted = places[first : first + JOINED_ROWS]
        # Rows without a recording are null like any part's: one part is there at least.
        numbers = sorted({number for number, _ in wanted if number >= 0}) or [0]
        tables = []
        starts: dict[int, int] = {}
        length = 0
        for number in numbers:
            table = parts.finished(keys[number])
            starts[number] = length
            length += table.num_rows
            tables.append(table.replace_schema_metadata(None))
        indices = pa.array([None if number < 0 else starts[number] + place for number, place in wanted], pa.int64())
        yield pa.concat_tables(tables).take(indices)


def _address(target: str | Path) -> str | None:
    match = _ADDRESS.fullmatch(str(target))
    if match is None:
        return remote.address(target)
    return f"{match['scheme']}://{'/' if match['scheme'] == 'file' else ''}{match['rest']}"


def _of_address(url: str) -> Place:
    try:
        import fsspec
        from pyarrow.fs import FSSpecHandler, PyFileSystem

        system, path = fsspec.core.url_to_fs(url)
    except ImportError as error:
        raise MissingExtraError(f"writing {url.partition('://')[0]}:// addresses", "remote") from error
    except (OSError, ValueError) as error:
        raise OptionError(f"{url} cannot be written ({error}); check the address") from error
    return Place(url, path, PyFileSystem(FSSpecHandler(system)))
