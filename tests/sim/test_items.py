import base64
import re
from collections import Counter

from fairhand.sim.characters import CHEATING, HONEST, SLOPPY, Character, Mind
from fairhand.sim.items import Item
from fairhand.sim.items.pictures import SHAPES, pictures
from fairhand.sim.items.reviews import reviews
from fairhand.sim.script import CROWD, FIRST, MOODS
from fairhand.sim.script import SHAPES as SHAPE_TASK

ELEMENTS = {"circle": "circle", "square": "rect", "triangle": "polygon"}


def svg(item: Item) -> str:
    return base64.b64decode(item.shown.removeprefix("data:image/svg+xml;base64,")).decode()


def counted(item: Item) -> Counter[str]:
    drawn = Counter(re.findall(r"<(\w+) ", svg(item)))
    drawn["rect"] -= 1  # the paper
    return Counter({shape: drawn[element] for shape, element in ELEMENTS.items()})


def test_reviews_are_all_different_and_of_every_mood_alike() -> None:
    items = reviews()
    assert len({item.shown for item in items}) == len({item.key for item in items}) == 240
    assert set(Counter(item.truth for item in items).values()) == {80}
    assert {item.truth for item in items} == set(MOODS.options)


def test_some_reviews_of_every_mood_are_hard() -> None:
    assert Counter(item.truth for item in reviews() if item.hard) == {
        "good": 20,
        "bad": 20,
        "mixed": 20,
    }


def test_a_picture_shows_most_often_what_its_truth_says() -> None:
    for item in pictures(100):
        (first, most), (_second, fewer), _third = counted(item).most_common()
        assert (first, item.truth in SHAPES) == (item.truth, True)
        assert (most - fewer == 1) if item.hard else (most - fewer >= 3)


def test_the_same_seed_draws_the_same_pictures() -> None:
    assert pictures(20, seed=4) == pictures(20, seed=4)
    assert pictures(20, seed=4) != pictures(20, seed=5)


def test_a_picture_is_small_enough_to_travel_in_a_task() -> None:
    assert max(len(item.shown) for item in pictures(200)) < 6000


def test_gold_is_clear_and_the_same_for_the_same_seed() -> None:
    easy = {item.key for item in MOODS.items if not item.hard}
    assert MOODS.gold(3) == MOODS.gold(3) != MOODS.gold(4)
    assert MOODS.gold(3) <= easy
    assert len(MOODS.gold(3)) == MOODS.golds


def test_the_crowd_has_every_kind_of_worker_and_a_first_one_who_is_honest() -> None:
    kinds = Counter(character.kind for _name, character in CROWD)
    assert set(kinds) == {"honest", "sloppy", "cheating"}
    assert dict(CROWD)[FIRST] is HONEST
    assert len(dict(CROWD)) == len(CROWD)


def test_the_crowd_cannot_finish_the_open_batch() -> None:
    pages = [SHAPE_TASK.most_pages(name, character) for name, character in CROWD]
    most = sum(count or 0 for count in pages) * int(SHAPE_TASK.terms["page_size"])
    assert None not in pages
    assert 0.3 < most / SHAPE_TASK.wanted < 0.7


def right(character: Character, *, hard: bool) -> float:
    item = Item("k", "shown", "b", hard)
    mind = Mind(character, "seed")
    return sum(mind.answer(item, "abc") == "b" for _ in range(2000)) / 2000


def test_people_are_as_good_as_their_character_says() -> None:
    for character in (HONEST, SLOPPY):
        assert abs(right(character, hard=False) - character.easy) < 0.03
        assert abs(right(character, hard=True) - character.hard) < 0.04


def test_cheats_are_no_better_than_guessing() -> None:
    item = Item("k", "shown", "b", hard=False)
    minds = [Mind(CHEATING, f"cheat {n}") for n in range(200)]
    share = sum(mind.answer(item, "abc") == "b" for mind in minds for _ in range(20)) / 4000
    assert share < 0.4


def test_the_same_person_answers_alike_for_the_same_seed() -> None:
    def answers(seed: str) -> list[str]:
        mind = Mind(SLOPPY, seed)
        return [mind.answer(item, tuple(MOODS.options)) for item in MOODS.items]

    assert answers("1") == answers("1") != answers("2")


def test_cheats_are_quicker_than_honest_people() -> None:
    def median(character: Character) -> float:
        mind = Mind(character, "seed")
        return sorted(mind.seconds() for _ in range(999))[499]

    assert median(CHEATING) < median(SLOPPY) < median(HONEST)
