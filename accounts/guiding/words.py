"""Two words that customer and helper see on their screens: the same ones, or something is wrong.

They come out of the view itself by a keyed hash, so nobody without our key can say them.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from accounts.security.keyed import keyed_hash

_PAIRS = (
    "bamboo 竹子, bell 铃铛, boat 小船, bread 面包, bridge 木桥, butter 黄油, candle 蜡烛, "
    "carrot 萝卜, chair 椅子, cherry 樱桃, cloud 白云, coffee 咖啡, copper 铜器, cotton 棉花, "
    "desert 沙漠, door 大门, drum 鼓, eagle 老鹰, feather 羽毛, fish 鱼, flute 笛子, forest 森林, "
    "garden 花园, garlic 大蒜, ginger 生姜, glass 玻璃, goat 山羊, grape 葡萄, guitar 吉他, "
    "hammer 锤子, harbour 港口, honey 蜂蜜, horse 马, island 海岛, ivory 象牙, jacket 夹克, "
    "kettle 水壶, kite 风筝, ladder 梯子, lantern 灯笼, lemon 柠檬, lotus 荷花, maple 枫树, "
    "melon 甜瓜, mirror 镜子, moon 月亮, needle 针, onion 洋葱, orange 橙子, paper 白纸, "
    "peach 桃子, pencil 铅笔, piano 钢琴, pine 松树, rabbit 兔子, river 河流, sail 船帆, "
    "silver 银子, snow 雪, spoon 勺子, swan 天鹅, tiger 老虎, tower 高塔, umbrella 雨伞"
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word in both languages: the two people need not share one."""

    english: str
    chinese: str


WORDS = tuple(Word(*pair.split()) for pair in _PAIRS.split(", "))


def words_of(public_id: UUID) -> tuple[Word, Word]:
    """The two different words of this view."""
    number = int(keyed_hash(purpose="guided_view.words", text=str(public_id)), 16)
    first, rest = number % len(WORDS), number // len(WORDS)
    second = (first + 1 + rest % (len(WORDS) - 1)) % len(WORDS)
    return WORDS[first], WORDS[second]
