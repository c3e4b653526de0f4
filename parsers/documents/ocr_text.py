"""Pictures of single lines -> text, with the recogniser that comes inside the RapidOCR package (PP-OCR, ONNX).

The network gives, for each of some forty steps along the line, a weight for each of 18,708 characters. From one run two
readings are taken: over all characters, and over those that a figure cell may hold.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import cv2
import numpy as np
import onnxruntime as ort

MODEL = "PP-OCRv6_rec_small.onnx"
HEIGHT = 48
STEP = 8  # pixels of width for each step of the network
NARROWEST, WIDEST = 48, 3200
MOST_PADDED = 1.2  # share by which the narrowest line of a run is filled up
BATCH_PIXELS = 48 * 48 * 64  # of one run; larger batches cost memory and gain nothing
SURE = 0.97  # weight of a figure's least certain character that needs no rival
MOST_OTHERS = 4
FIGURES = "0123456789.,，-—－/／%无"
LONE_COMMA = re.compile(r"\d+[,，](?:\d{1,2}|\d{4,})")  # 38,840528
Picture = np.ndarray[Any, Any]
Weights = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """``steps`` are where each character stands, 0 to 1 along the line; ``sure`` is the weight of the least certain
    character, 0 to 1."""

    text: str
    sure: float
    steps: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """``free`` reads over all characters, ``figure`` over those of figures; ``others`` are figures not ruled out,
    likeliest first."""

    free: Reading
    figure: Reading
    others: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> Line:
        """What a shape says without the network."""
        reading = Reading(text, 1.0, tuple((i + 0.5) / len(text) for i in range(len(text))))
        return cls(reading, reading)

    def against(self, second: Line) -> Line:
        """The surer of two looks at one figure; others remain only where they differ or neither is sure."""
        first = self
        if second.figure.sure > self.figure.sure and second.figure.text:
            first, second = second, self
        if first.figure.text == second.figure.text and max(first.figure.sure, second.figure.sure) > SURE:
            return Line(first.free, first.figure)
        readings = (second.figure.text, *first.others, *second.others)
        others = tuple(dict.fromkeys(text for text in readings if text and text != first.figure.text))
        return Line(first.free, first.figure, others[:MOST_OTHERS] or (first.figure.text,))


@cache
def _network() -> tuple[Any, str, list[str], np.ndarray[Any, Any]]:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    session = ort.InferenceSession(
        str(files("rapidocr") / "models" / MODEL), options, providers=["CPUExecutionProvider"]
    )
    characters = ["", *session.get_modelmeta().custom_metadata_map["character"].splitlines(), " "]
    figures = np.array([0, *(i for i, c in enumerate(characters) if c and c in FIGURES)])
    return session, session.get_inputs()[0].name, characters, figures


def recognise(pictures: Sequence[Picture]) -> list[Line]:
    """Readings of line pictures (rows, columns, three colours), in their order."""
    prepared = [_prepared(picture) for picture in pictures]
    order = sorted(range(len(prepared)), key=lambda i: prepared[i].shape[2])
    found: dict[int, Line] = {}
    start = 0
    while start < len(order):
        stop = start + 1
        width = prepared[order[start]].shape[2]
        while stop < len(order):
            wider = prepared[order[stop]].shape[2]
            if wider > MOST_PADDED * width or wider * HEIGHT * (stop + 1 - start) > BATCH_PIXELS:
                break
            stop += 1
        chosen = order[start:stop]
        for i, line in zip(chosen, _run([prepared[i] for i in chosen]), strict=True):
            found[i] = line
        start = stop
    return [found[i] for i in range(len(prepared))]


def _prepared(picture: Picture) -> Weights:
    picture = cv2.resize(picture, (width_of(picture), HEIGHT), interpolation=cv2.INTER_AREA)
    tensor: Weights = picture.astype(np.float32).transpose(2, 0, 1) / 127.5 - 1.0
    return tensor


def width_of(picture: Picture) -> int:
    """Pixels of width at which a line is read, which is what reading costs. Long lines are squeezed: measured on 200
    and 150 dpi and on photos, ideographs are read as well at 0.7 of their width."""
    height, width = int(picture.shape[0]), int(picture.shape[1])
    ratio = width / max(height, 1)
    squeeze = 0.7 if ratio > 6 else 0.85 if ratio > 2.5 else 1.0
    return max(NARROWEST, min(WIDEST, round(ratio * squeeze * HEIGHT)))


def _run(batch: Sequence[Weights]) -> list[Line]:
    session, name, characters, figures = _network()
    widest = max(tensor.shape[2] for tensor in batch)
    block = np.zeros((len(batch), 3, HEIGHT, widest), dtype=np.float32)
    for i, tensor in enumerate(batch):
        block[i, :, :, : tensor.shape[2]] = tensor
    weights: Weights = session.run(None, {name: block})[0]
    return [_line(w, characters, figures) for w in weights]


def _line(weights: Weights, characters: list[str], figures: np.ndarray[Any, Any]) -> Line:
    free = _decoded(weights, characters)
    narrow = weights[:, figures]
    narrow = narrow / np.maximum(narrow.sum(axis=1, keepdims=True), 1e-9)
    alphabet = [characters[i] for i in figures]
    figure = _with_stop(_decoded(narrow, alphabet))
    return Line(free, figure, _others(narrow, alphabet) if figure.sure < SURE else ())


def _with_stop(reading: Reading) -> Reading:
    """A comma that does not part off three figures is a stop: the two differ by a few pixels."""
    if not LONE_COMMA.fullmatch(reading.text):
        return reading
    return Reading(reading.text.replace(",", ".").replace("，", "."), reading.sure, reading.steps)


def _others(weights: Weights, characters: Sequence[str]) -> tuple[str, ...]:
    """Readings with one step of the best path taken otherwise, by how little worse they are."""
    best = weights.argmax(axis=1)
    second = weights.copy()
    second[np.arange(len(best)), best] = -1.0
    rival = second.argmax(axis=1)
    loss = weights.max(axis=1) - second.max(axis=1)
    plain = _collapsed(best.tolist(), characters)
    found = []
    for step in np.argsort(loss)[:MOST_OTHERS].tolist():
        path = best.tolist()
        path[step] = int(rival[step])
        text = _collapsed(path, characters)
        if text and text != plain and text not in found:
            found.append(text)
    return tuple(found)


def _collapsed(path: Sequence[int], characters: Sequence[str]) -> str:
    return "".join(characters[i] for i, before in zip(path, [0, *path], strict=False) if i and i != before)


def _decoded(weights: Weights, characters: Sequence[str]) -> Reading:
    """The best path: equal neighbours are one character, index 0 stands for none."""
    best = weights.argmax(axis=1)
    count = len(best)
    text, sure, steps = [], 1.0, []
    before = 0
    for step, index in enumerate(best.tolist()):
        if index and index != before:
            text.append(characters[index])
            steps.append((step + 0.5) / count)
            sure = min(sure, float(weights[step, index]))
        before = index
    return Reading("".join(text), sure if text else 0.0, tuple(steps))
