"""The parts of an XLSX workbook, each read as a stream: no part and no tree is held whole."""

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from posixpath import join, normpath
from typing import IO, Final
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format

from shared.spreadsheets.raw import FileUnreadable

_MOST_UNPACKED: Final = 256 * 1024 * 1024
_MOST_TEXTS: Final = 32 * 1024 * 1024
_MOST_OF_A_PART: Final = 4 * 1024 * 1024
_LONGEST_TOKEN: Final = 1024 * 1024
_NAMES: Final = 2_000
_CHUNK: Final = 64 * 1024
_TRUE: Final = ("1", "true")

Start = Callable[[str, Mapping[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]


def events(part: IO[bytes], *, start: Start, end: End, text: Text) -> Iterator[None]:
    """Tell the elements of a part by their plain names, and stop after each piece of it."""

    def refuse(*_: object) -> None:
        raise FileUnreadable("工作簿含有不接受的 XML 声明")

    names: dict[str, str] = {}
    attributes: set[str] = set()

    def plain(name: str) -> str:
        return names.setdefault(name, name.rpartition(" ")[2])

    def started(name: str, given: Mapping[str, str]) -> None:
        attributes.update(given)
        start(names.get(name) or plain(name), given)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = started
    parser.EndElementHandler = lambda name: end(names.get(name) or plain(name))
    parser.CharacterDataHandler = text
    read = 0
    while chunk := part.read(_CHUNK):
        read += len(chunk)
        parser.Parse(chunk, False)  # noqa: FBT003 - expat takes no name for it
        # The parser holds each name it has met, and a word until it ends.
        if read - parser.CurrentByteIndex > _LONGEST_TOKEN or len(names) + len(attributes) > _NAMES:
            raise FileUnreadable("工作簿中有过长的内容")
        yield
    parser.Parse(b"", True)  # noqa: FBT003 - as above
    yield


@dataclass(slots=True)
class Styles:
    """Which styles of a workbook show a number as a day or a time, and which as a duration."""

    dates: set[int] = field(default_factory=set)
    durations: set[int] = field(default_factory=set)


class _Texts:
    """Collects the texts that cells share; how a text is spoken is no part of it."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._parts: list[str] = []
        self._inside: set[str] = set()

    def start(self, name: str, _: Mapping[str, str]) -> None:
        if name in ("t", "rPh"):
            self._inside.add(name)

    def end(self, name: str) -> None:
        self._inside.discard(name)
        if name == "si":
            self.found.append("".join(self._parts))
            self._parts = []

    def text(self, some: str) -> None:
        if self._inside == {"t"}:
            self._parts.append(some)


class Package:
    """An opened workbook: its first sheet or a named one, its texts and its styles."""

    def __init__(self, file: IO[bytes]) -> None:
        self._archive = zipfile.ZipFile(file)
        self._sizes = {one.filename: one.file_size for one in self._archive.infolist()}
        if sum(self._sizes.values()) > _MOST_UNPACKED:
            raise FileUnreadable("工作簿展开后过大，请分成几份，或改用 CSV")
        if any(one.flag_bits & 1 for one in self._archive.infolist()):
            raise FileUnreadable("工作簿设有密码，请取消密码后重新上传")
        self._kinds = self._relations("")
        book = self._target("officeDocument", self._kinds)
        self._related = self._relations(book)
        self._sheets: dict[str, str] = {}
        self._seen: dict[str, str] = {}
        self.epoch_1904 = False
        self._read_book(book)

    def texts(self) -> list[str]:
        """Return the texts that cells refer to by number."""
        texts = _Texts()
        for part in self._optional("sharedStrings", most=_MOST_TEXTS):
            _read(part, start=texts.start, end=texts.end, text=texts.text)
        return texts.found

    def styles(self) -> Styles:
        """Return the styles that matter to what a number means."""
        formats = dict(BUILTIN_FORMATS)
        styles = Styles()
        inside: list[str] = []
        count = 0

        def start(name: str, given: Mapping[str, str]) -> None:
            nonlocal count
            inside.append(name)
            if name == "numFmt":
                formats[int(given["numFmtId"])] = given["formatCode"]
            elif name == "xf" and "cellXfs" in inside:
                code = formats.get(int(given.get("numFmtId", "0")), "General")
                if is_date_format(code):
                    styles.dates.add(count)
                if is_timedelta_format(code):
                    styles.durations.add(count)
                count += 1

        def end(_: str) -> None:
            inside.pop()

        for part in self._optional("styles", most=_MOST_OF_A_PART):
            _read(part, start=start, end=end)
        return styles

    def sheet(self, name: str | None) -> IO[bytes]:
        """Open the sheet of that name that people see, or the first one that they see."""
        at = self._seen.get(name or "") or next(iter((self._seen | self._sheets).values()), None)
        if at is None:
            raise FileUnreadable("工作簿中没有工作表")
        return self._archive.open(at)

    def close(self) -> None:
        """Let go of the archive; the file stays its owner's."""
        self._archive.close()

    def _read_book(self, at: str) -> None:
        def start(name: str, given: Mapping[str, str]) -> None:
            if name == "sheet":
                key = next(value for key, value in given.items() if key.endswith(" id"))
                kind, target = self._related[key]
                if kind == "worksheet":
                    self._sheets.setdefault(given["name"], target)
                    if given.get("state", "visible") == "visible":
                        self._seen.setdefault(given["name"], target)
            elif name == "workbookPr":
                self.epoch_1904 = given.get("date1904", "0") in _TRUE

        _read(self._open(at, most=_MOST_OF_A_PART), start=start)

    def _relations(self, of: str) -> dict[str, tuple[str, str]]:
        folder, _, name = of.rpartition("/")
        found: dict[str, tuple[str, str]] = {}

        def start(name: str, given: Mapping[str, str]) -> None:
            if name == "Relationship":
                kind = given["Type"].rpartition("/")[2]
                target = given["Target"]
                at = target[1:] if target.startswith("/") else normpath(join(folder, target))
                found[given["Id"]] = (kind, at)

        part = self._open(join(folder, "_rels", f"{name}.rels"), most=_MOST_OF_A_PART)
        _read(part, start=start)
        return found

    def _target(self, kind: str, related: Mapping[str, tuple[str, str]]) -> str:
        return next(at for found, at in related.values() if found == kind)

    def _optional(self, kind: str, *, most: int) -> Iterator[IO[bytes]]:
        for found, at in self._related.values():
            if found == kind:
                yield self._open(at, most=most)
                return

    def _open(self, at: str, *, most: int) -> IO[bytes]:
        if self._sizes.get(at, 0) > most:
            raise FileUnreadable("工作簿展开后过大，请分成几份，或改用 CSV")
        return self._archive.open(at)


_NUMBERED: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


def place_of(reference: str) -> tuple[str, int]:
    """Return the letters and the row of a cell's reference."""
    found = _NUMBERED.fullmatch(reference)
    if found is None:
        raise ValueError(reference)
    return found[1], int(found[2])


def _nothing(*_: object) -> None:
    """Meet what is of no interest."""


def _read(part: IO[bytes], *, start: Start, end: End = _nothing, text: Text = _nothing) -> None:
    with part:
        for _ in events(part, start=start, end=end, text=text):
            pass
