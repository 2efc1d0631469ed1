"""Learning an index."""

import hashlib
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from bot.app import App
from bot.core.answers.fold import fold
from bot.core.answers.index import WEIGHTS, Index, learn, phrase_features, word_features
from bot.core.answers.lexicon import Lexicon
from bot.core.answers.matcher import learn_faq, training_texts

ARRAYS = ("rarity", "starts", "seen_in", "evidence", "floor")
LABELLED = [
    ("refund", "emd kab wapas milega"),
    ("refund", "बयाना वापस"),
    ("payment", "payment kab milega"),
    ("payment", "पेमेंट नहीं आया"),
    ("!weather", "barish kab hogi"),
]
LEXICON = Lexicon({"emd": ["emd", "बयाना"]})
LEARN_ELSEWHERE = """
import hashlib, json, sys
from bot.core.answers.index import learn
from bot.core.answers.lexicon import Lexicon
texts, groups = json.load(sys.stdin)
index = learn(texts, Lexicon(groups))
digest = hashlib.sha256(json.dumps([index.classes, list(index.features)]).encode())
for name in ("rarity", "starts", "seen_in", "evidence", "floor"):
    digest.update(getattr(index, name).tobytes())
print(digest.hexdigest())
"""


def evidence_for(index: Index, feature: str, label: str) -> float:
    said, _ = index.weigh(index.rows([feature]))
    return float(said[index.classes.index(label)])


def digest(index: Index) -> str:
    whole = hashlib.sha256(json.dumps([index.classes, list(index.features)]).encode())
    for name in ARRAYS:
        whole.update(getattr(index, name).tobytes())
    return whole.hexdigest()


def test_a_word_is_cut_into_runs_of_three_and_four_letters_with_its_edges() -> None:
    assert word_features("bid")["c"] == ["c bi", "cbid", "cid ", "c bid", "cbid "]


def test_vowels_but_the_first_letter_do_not_count_in_the_skeleton() -> None:
    assert word_features("karna")["s"] == word_features("krna")["s"] == word_features("kerni")["s"]
    assert word_features("order")["s"][0] == "sordr"
    assert word_features("order")["w"] != word_features("ordar")["w"]


def test_phrases_are_cut_into_pairs_of_neighbours_and_groups() -> None:
    features = phrase_features(["emd", "kab", "milega"], ["§emd", "kab", "milega"])
    assert features == {
        "b": ["bemd kab", "bkab milega"],
        "g": ["g§emd"],
        "p": ["p§emd kab", "pkab milega"],
    }


def test_every_kind_of_feature_has_a_weight() -> None:
    assert set(WEIGHTS) == {*word_features("bid"), *phrase_features(["a", "b"], ["a", "b"])}
    assert all(weight > 0 for weight in WEIGHTS.values())


def test_classes_are_numbered_as_they_first_appear() -> None:
    assert learn(LABELLED, LEXICON).classes == ("refund", "payment", "!weather")


def test_the_vocabulary_is_all_folded_words() -> None:
    assert learn(LABELLED, LEXICON).vocabulary == {word for _, text in LABELLED for word in fold(text).split()}


def test_a_rare_feature_weighs_more_than_a_common_one() -> None:
    index = learn(LABELLED, LEXICON)
    assert index.rarity[index.features["wkab"]] < index.rarity[index.features["wmilega"]]
    assert index.rarity[index.features["wmilega"]] < index.rarity[index.features["wnahi"]]


def test_a_feature_speaks_for_the_class_that_shows_it() -> None:
    index = learn(LABELLED, LEXICON)
    for feature, its, others in [
        ("wpement", "payment", ["refund", "!weather"]),
        ("g§emd", "refund", ["payment", "!weather"]),
        ("whogi", "!weather", ["payment", "refund"]),
    ]:
        assert all(evidence_for(index, feature, its) > evidence_for(index, feature, other) for other in others)


def test_it_is_known_which_class_shows_a_feature() -> None:
    index = learn(LABELLED, LEXICON)
    rows = index.rows(["wkab", "wmilega", "whogi"])
    payment, refund, weather = (index.seen(rows, at).tolist() for at in range(3))
    assert payment == refund == [True, True, False]
    assert weather == [True, False, True]


def test_unknown_features_say_nothing() -> None:
    index = learn(LABELLED, LEXICON)
    said, length = index.weigh(index.rows(["wnosuchword", "cxyz"]))
    assert not said.any()
    assert length == 0


def test_features_said_together_say_the_sum_of_each() -> None:
    index = learn(LABELLED, LEXICON)
    names = ["wkab", "wmilega", "g§emd"]
    together, length = index.weigh(index.rows(names))
    each = [index.weigh(index.rows([name])) for name in names]
    np.testing.assert_allclose(together, np.sum([said for said, _ in each], axis=0), rtol=1e-5)
    assert length == pytest.approx(sum(its for _, its in each))


def test_postings_are_well_formed(shipped: App) -> None:
    index = shipped.prepared.index
    assert len(index.starts) == len(index.features) + 1 == len(index.rarity) + 1
    assert index.starts[0] == 0
    assert index.starts[-1] == len(index.seen_in) == len(index.evidence)
    assert (np.diff(index.starts) > 0).all()
    inner = np.ones(len(index.seen_in), bool)
    inner[index.starts[:-1]] = False
    assert (np.diff(index.seen_in)[inner[1:]] > 0).all()
    assert index.seen_in.min() == 0
    assert index.seen_in.max() == len(index.classes) - 1
    assert list(index.features.values()) == list(range(len(index.features)))
    assert all(np.isfinite(getattr(index, name)).all() for name in ARRAYS)


def test_progress_runs_from_start_to_all() -> None:
    told: list[tuple[int, int]] = []
    learn(LABELLED * 300, LEXICON, lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert len(told) > 1
    assert told[-1] == (1500, 1500)


def test_learning_twice_gives_equal_arrays(shipped: App) -> None:
    again = learn_faq(shipped.prepared.loaded.faq)
    assert shipped.prepared.index.classes == again.classes
    assert list(shipped.prepared.index.features.items()) == list(again.features.items())
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(shipped.prepared.index, name), getattr(again, name))


def test_another_process_with_another_hash_seed_learns_the_same(shipped: App) -> None:
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "2"
    faq = shipped.prepared.loaded.faq
    given = json.dumps([training_texts(faq), {group: list(words) for group, words in faq.lexicon.items()}])
    paths = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-c", LEARN_ELSEWHERE],
        input=given.encode(),
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": paths},
        capture_output=True,
        check=False,
    )
    assert done.stderr == b""
    assert digest(shipped.prepared.index) == done.stdout.decode().strip()
