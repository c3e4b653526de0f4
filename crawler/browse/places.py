"""Provinces on a map of tiles: each stands roughly where it lies."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.browse.words import Language
from parsers.reports import divisions


@dataclass(frozen=True, slots=True)
class Tile:
    """``code`` is two digits; column and row count from 1."""

    code: str
    short: str
    name_en: str
    column: int
    row: int


_TILES = """
23 黑 Heilongjiang 8 1|22 吉 Jilin 8 2|21 辽 Liaoning 8 3|15 蒙 Inner_Mongolia 6 2|11 京 Beijing 6 3|12 津 Tianjin 7 3
65 新 Xinjiang 1 3|62 甘 Gansu 3 3|64 宁 Ningxia 4 3|14 晋 Shanxi 5 4|13 冀 Hebei 6 4|37 鲁 Shandong 7 4
63 青 Qinghai 2 4|61 陕 Shaanxi 4 4|54 藏 Tibet 1 5|51 川 Sichuan 3 5|50 渝 Chongqing 4 5|41 豫 Henan 5 5
34 皖 Anhui 6 5|32 苏 Jiangsu 7 5|31 沪 Shanghai 8 5|53 滇 Yunnan 3 6|52 黔 Guizhou 4 6|42 鄂 Hubei 5 6
36 赣 Jiangxi 6 6|33 浙 Zhejiang 7 6|45 桂 Guangxi 4 7|43 湘 Hunan 5 7|44 粤 Guangdong 6 7|35 闽 Fujian 7 7
46 琼 Hainan 5 8
"""


def _tile(text: str) -> Tile:
    code, short, name, column, row = text.split()
    return Tile(code, short, name.replace("_", " "), int(column), int(row))


TILES = {tile.code: tile for line in _TILES.split("\n") for part in line.split("|") if part for tile in [_tile(part)]}


def province_name(code: str, language: Language) -> str:
    """宁夏回族自治区 or Ningxia; the code itself where it is none of the thirty-one."""
    tile, division = TILES.get(code), divisions.division(f"{code}0000")
    if language == "en" and tile:
        return tile.name_en
    return division.name if division else code or "—"


def county_name(code: str) -> str:
    """The county's name from the prefecture down, or its code."""
    return "".join(part.name for part in divisions.ancestors(code)[1:]) or code or "—"
