"""Pictures (PNG, JPEG, TIFF of many pages, BMP, GIF) -> blocks, by OCR."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from parsers.documents import ocr
from parsers.documents.flow import blocks_of
from parsers.documents.limits import DEFAULT, Limits
from parsers.documents.model import Document, Unread
from parsers.documents.ruled import Sheet
from parsers.documents.sniff import sniff

Picture = np.ndarray[Any, Any]

MOST_PIXELS = 80_000_000  # an A3 page at 600 dpi
LEAST_SIDE = 120  # pixels; smaller pictures are icons


def read(body: bytes, *, charset: str = "", limits: Limits = DEFAULT) -> Document:
    """Blocks of one picture; places are in its own pixels. Raises Unread: ``damaged``, ``too_large``, ``no_text``."""
    return read_images([body], limits)


def read_images(images: Sequence[bytes], limits: Limits = DEFAULT) -> Document:
    """One document from the pictures of an article in their order; pages are counted through."""
    sheets: list[Sheet] = []
    for body in images:
        for picture in _pictures(body, limits):
            if len(sheets) >= limits.pages:
                raise Unread("too_large", f"more than {limits.pages} pages")
            sheets.append(ocr.sheet_of(picture, len(sheets) + 1, scale=1.0))
    blocks = blocks_of(sheets, limits)
    if not blocks:
        raise Unread("no_text", f"{len(sheets)} pictures without text")
    return Document(sniff(images[0]), tuple(blocks), notes=(f"{len(sheets)} pages recognised by OCR",))


def decode(body: bytes) -> Picture:
    """The first picture of a file as rows, columns and blue, green, red. Raises Unread."""
    return next(_pictures(body, DEFAULT))


def _pictures(body: bytes, limits: Limits) -> Iterator[Picture]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(body))
            frames = 1 if opened.format == "GIF" else getattr(opened, "n_frames", 1)
            if frames > limits.pages:
                raise Unread("too_large", f"{frames} pages, the limit is {limits.pages}")
            for number, frame in enumerate(ImageSequence.Iterator(opened)):
                if number >= frames:
                    break
                if frame.width * frame.height > MOST_PIXELS:
                    raise Unread("too_large", f"{frame.width} x {frame.height} pixels")
                if min(frame.width, frame.height) >= LEAST_SIDE:
                    yield _on_paper(frame)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise Unread("damaged", str(error)) from error


def _on_paper(frame: Image.Image) -> Picture:
    """Turned as the camera says, transparent parts white."""
    turned = ImageOps.exif_transpose(frame)
    if turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info:
        layer = turned.convert("RGBA")
        paper = Image.new("RGBA", layer.size, "white")
        turned = Image.alpha_composite(paper, layer)
    return np.asarray(turned.convert("RGB"))[:, :, ::-1].copy()
