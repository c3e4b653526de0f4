"""The few calls of libarchive (BSD) that reading RAR and 7z takes, bound through ctypes.

The library is the system's (Debian: libarchive13) or the newer one inside the wheel ``archi``; that wheel's own binding
is not used, because it frees entries that the library owns.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata

from parsers.documents.model import Unread

END, OK, WARN = 1, 0, -20
REGULAR, SYMLINK, DIRECTORY, TYPE_BITS = 0o100000, 0o120000, 0o040000, 0o170000
CHUNK = 256 * 1024
FORMATS = ("rar", "rar5", "7zip")


@dataclass(frozen=True, slots=True)
class Entry:
    """One header. ``kind`` is the file type of its mode; ``size`` is what the header says, -1 when it says nothing."""

    name: str
    raw_name: bytes
    kind: int
    size: int
    encrypted: bool


@cache
def library() -> ctypes.CDLL:
    """Raises Unread("no_reader")."""
    for path in _candidates():
        try:
            return _declared(ctypes.CDLL(path))
        except (OSError, AttributeError):
            continue
    raise Unread("no_reader", "RAR and 7z need libarchive (Debian package libarchive13, or the wheel archi)")


def _candidates() -> Iterator[str]:
    try:
        for file in metadata.files("archi") or ():
            if file.name.startswith("libarchive") and ".so" in file.name:
                yield str(file.locate())
    except metadata.PackageNotFoundError:
        pass
    found = ctypes.util.find_library("archive")
    if found:
        yield found
    yield "libarchive.so.13"


def _declared(lib: ctypes.CDLL) -> ctypes.CDLL:
    pointer, number, text = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p
    signatures: dict[str, tuple[object, tuple[object, ...]]] = {
        "archive_read_new": (pointer, ()),
        "archive_read_free": (number, (pointer,)),
        "archive_read_open_memory": (number, (pointer, text, ctypes.c_size_t)),
        "archive_read_next_header": (number, (pointer, ctypes.POINTER(pointer))),
        "archive_read_data": (ctypes.c_ssize_t, (pointer, pointer, ctypes.c_size_t)),
        "archive_error_string": (text, (pointer,)),
        "archive_entry_pathname": (text, (pointer,)),
        "archive_entry_pathname_w": (ctypes.c_wchar_p, (pointer,)),
        "archive_entry_size": (ctypes.c_int64, (pointer,)),
        "archive_entry_size_is_set": (number, (pointer,)),
        "archive_entry_mode": (ctypes.c_uint, (pointer,)),
        "archive_entry_is_encrypted": (number, (pointer,)),
        **{f"archive_read_support_format_{name}": (number, (pointer,)) for name in FORMATS},
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(lib, name)
        function.restype, function.argtypes = result, arguments
    return lib


class Reader:
    """One archive in memory. ``entries`` and ``chunks`` raise Unread: damaged, encrypted."""

    def __init__(self, body: bytes) -> None:
        self.lib = library()
        self.body = body  # the library reads from these bytes: they must live as long as the handle
        self.handle = self.lib.archive_read_new()
        self.buffer = ctypes.create_string_buffer(CHUNK)
        for name in FORMATS:
            getattr(self.lib, f"archive_read_support_format_{name}")(self.handle)
        self._check(self.lib.archive_read_open_memory(self.handle, body, len(body)))

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.lib.archive_read_free(self.handle)

    def entries(self) -> Iterator[Entry]:
        pointer = ctypes.c_void_p()
        while True:
            result = self.lib.archive_read_next_header(self.handle, ctypes.byref(pointer))
            if result == END:
                return
            self._check(result)
            lib = self.lib
            yield Entry(
                name=lib.archive_entry_pathname_w(pointer) or "",
                raw_name=lib.archive_entry_pathname(pointer) or b"",
                kind=lib.archive_entry_mode(pointer) & TYPE_BITS,
                size=lib.archive_entry_size(pointer) if lib.archive_entry_size_is_set(pointer) else -1,
                encrypted=lib.archive_entry_is_encrypted(pointer) > 0,
            )

    def chunks(self) -> Iterator[bytes]:
        """The data of the entry that was given last."""
        while read := self.lib.archive_read_data(self.handle, self.buffer, CHUNK):
            if read < 0:
                self._check(int(read))
                raise Unread("damaged", "data with warnings")
            yield self.buffer.raw[:read]

    def _check(self, result: int) -> None:
        if result in (OK, WARN):
            return
        message = (self.lib.archive_error_string(self.handle) or b"").decode("utf-8", "replace")
        raise Unread("encrypted" if "ncrypt" in message or "passphrase" in message else "damaged", message)
