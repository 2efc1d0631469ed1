import io
import os
import pickle
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import bot
from bot.config import shipped
from bot.content.locales import load_phrases
from bot.content.prepared import Prepared, prepare
from bot.core.answers.calibration import SHIPPED
from bot.core.answers.faq import Does
from bot.core.answers.matcher import Answer, Matcher, Nothing
from bot.core.talk.phrases import Phrases
from bot.errors import ContentError

PHRASES = load_phrases(shipped("locales"))
PROGRAM = Path(bot.__file__).parents[1]
KEPT = 6

BIDS = """\
# notes of the office
- id: emd
  title: ईएमडी
  answer: बिड के साथ दी जाने वाली रकम।
  checked_on: 2024-07
  review_by: 2027-01-31
  confidence: high
  sources: [{url: "https://gem.gov.in", title: GeM}]
  related: [payment]
  questions: [ईएमडी क्या है, emd kitna lagta hai, bid ke saath paisa]
- id: payment
  title: {hi: भुगतान, en: Payment}
  answer: {hi: CRAC के बाद।, en: After the CRAC.}
  questions: [paisa nahi aaya, भुगतान कब होगा, payment kab milega]
"""
LEXICON = "groups:\n  emd: [EMD, ईएमडी, जमानत]\n"
ASIDES = (
    "groups:\n  - id: pan-card\n    kind: other-service\n    say: यह GeM का काम नहीं है।\n"
    "    examples: [pan card banwana hai]\n"
)
REQUESTS = (
    "groups:\n  - id: show-my-data\n    kind: request\n    does: show-data\n"
    "    examples: [mera data dikhao, मेरा ब्योरा]\n"
)

# A process of its own, which waits for a line before it prepares, and says what it then has.
CHILD = """
import resource, signal, sys
from pathlib import Path
from bot.config import shipped
from bot.content.locales import load_phrases
from bot.content.prepared import prepare

phrases = load_phrases(shipped("locales"))
folder, cache, most = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
print("ready", flush=True)
sys.stdin.readline()
if most.startswith("kill"):
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
if most != "all":
    most = int(most.removeprefix("kill"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
prepared = prepare(folder, phrases, cache)
print(sorted(prepared.loaded.faq.by_id), len(prepared.index.features), float(prepared.index.evidence.sum()))
"""


class Learnt:
    """Counts how often an FAQ was learnt, as the progress tells it."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, done: int, total: int) -> None:
        self.times += done == total


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "answers"
    folder.mkdir()
    files = {"bids.yaml": BIDS, "lexicon.yaml": LEXICON, "out-of-scope.yaml": ASIDES, "requests.yaml": REQUESTS}
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def run(folder: Path, cache: Path, phrases: Phrases = PHRASES) -> tuple[Prepared, bool]:
    """What was prepared, and whether it was learnt anew."""
    learnt = Learnt()
    prepared = prepare(folder, phrases, cache, learnt)
    assert learnt.times in (0, 1)
    return prepared, learnt.times == 1


def assert_same(expected: Prepared, actual: Prepared) -> None:
    assert expected.loaded == actual.loaded
    assert expected.index.classes == actual.index.classes
    assert list(expected.index.features.items()) == list(actual.index.features.items())
    for name in ("rarity", "starts", "seen_in", "evidence", "floor"):
        assert getattr(expected.index, name).dtype == getattr(actual.index, name).dtype
        assert np.array_equal(getattr(expected.index, name), getattr(actual.index, name))


def kept(cache: Path) -> list[Path]:
    return sorted(cache.glob("*.npz"))


def started(folder: Path, cache: Path, most: str = "all", program: Path = PROGRAM) -> "subprocess.Popen[str]":
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder), str(cache), most],
        cwd=program,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def go(*children: "subprocess.Popen[str]") -> None:
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()


def test_the_second_run_reads_what_the_first_has_kept(folder: Path, cache: Path) -> None:
    first, first_learnt = run(folder, cache)
    second, second_learnt = run(folder, cache)
    assert (first_learnt, second_learnt) == (True, False)
    assert_same(first, second)
    assert len(kept(cache)) == 1


def test_what_was_kept_answers_like_what_was_learnt(folder: Path, cache: Path) -> None:
    learnt, _ = run(folder, cache)
    read, _ = run(folder, cache)
    matchers = [Matcher(prepared.loaded.faq, prepared.index, SHIPPED) for prepared in (learnt, read)]
    for question in ("emd kya hai", "भुगतान कब होगा", "paisa", "pan card", "कुछ और", ""):
        assert matchers[0].match(question) == matchers[1].match(question)
    assert isinstance(matchers[1].match("भुगतान कब होगा"), Answer)


def test_the_shipped_answers_are_kept_without_loss(tmp_path: Path) -> None:
    learnt, anew = run(shipped("faq"), tmp_path)
    read, again = run(shipped("faq"), tmp_path)
    assert (anew, again) == (True, False)
    assert_same(learnt, read)


def test_what_is_done_is_kept_too(folder: Path, cache: Path) -> None:
    (folder / "bids.yaml").write_text(BIDS + "  does: workshop\n", "utf-8")
    run(folder, cache)
    read, learnt = run(folder, cache)
    assert not learnt
    faq = read.loaded.faq
    assert [entry.does for entry in faq.entries] == [None, Does.WORKSHOP]
    assert [aside.does for aside in faq.asides] == [None, Does.SHOW_DATA]
    met = Matcher(faq, read.index, SHIPPED).match("mera data dikhao")
    assert met == Nothing(faq.asides[1], met.ranking)


def test_warnings_are_kept_too(folder: Path, cache: Path) -> None:
    (folder / "bids.yaml").write_text(BIDS + "  colour: red\n", "utf-8")
    first, _ = run(folder, cache)
    second, learnt = run(folder, cache)
    assert not learnt
    assert "unknown-field" in {warning.key for warning in second.loaded.warnings}
    assert first.loaded.warnings == second.loaded.warnings


@pytest.mark.parametrize("at", range(0, len(BIDS), 97))
def test_a_changed_byte_anywhere_is_noticed(folder: Path, cache: Path, at: int) -> None:
    (folder / "bids.yaml").write_text(BIDS, "utf-8")
    run(folder, cache)
    # A note between two lines, wherever that byte lies: the answers stay as they were, the file does not.
    line = BIDS.rfind("\n", 0, at) + 1
    (folder / "bids.yaml").write_text(BIDS[:line] + "#\n" + BIDS[line:], "utf-8")
    _, learnt = run(folder, cache)
    assert learnt
    assert len(kept(cache)) == 2


def test_one_byte_for_another_of_a_file_of_the_same_size_and_time_is_noticed(folder: Path, cache: Path) -> None:
    file = folder / "bids.yaml"
    os.utime(file, (1_000, 1_000))
    run(folder, cache)
    file.write_text(BIDS.replace("After the CRAC.", "After the CRAC!"), "utf-8")
    os.utime(file, (1_000, 1_000))
    prepared, learnt = run(folder, cache)
    assert learnt
    assert prepared.loaded.faq.by_id["payment"].answer["en"] == "After the CRAC!"


@pytest.mark.parametrize("name", ["bids.yaml", "lexicon.yaml", "out-of-scope.yaml", "requests.yaml"])
def test_a_change_of_any_file_is_noticed(folder: Path, cache: Path, name: str) -> None:
    run(folder, cache)
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert run(folder, cache)[1]


def test_a_file_that_came_went_or_was_renamed_is_noticed(folder: Path, cache: Path) -> None:
    run(folder, cache)
    (folder / "more.yaml").write_text("- id: more\n  title: x\n  answer: x\n  questions: [kuch aur]\n", "utf-8")
    came, learnt = run(folder, cache)
    assert learnt
    assert "more" in came.loaded.faq.by_id
    (folder / "more.yaml").rename(folder / "other.yaml")
    renamed, learnt = run(folder, cache)
    assert learnt
    assert renamed.loaded.places["more"] == ("answers/other.yaml:4",)
    (folder / "other.yaml").unlink()
    assert not run(folder, cache)[1]
    assert "more" not in run(folder, cache)[0].loaded.faq.by_id


def test_a_change_that_is_taken_back_needs_no_learning(folder: Path, cache: Path) -> None:
    first, _ = run(folder, cache)
    (folder / "bids.yaml").write_text(BIDS.replace("CRAC", "crac"), "utf-8")
    run(folder, cache)
    (folder / "bids.yaml").write_text(BIDS, "utf-8")
    again, learnt = run(folder, cache)
    assert not learnt
    assert_same(first, again)


def test_other_words_of_the_program_are_noticed_for_answers_are_measured_with_them(folder: Path, cache: Path) -> None:
    run(folder, cache)
    hindi = {**PHRASES.texts["hi"], "answer.source": "{url}" + "x" * 900}
    with pytest.raises(ContentError):
        run(folder, cache, Phrases({**PHRASES.texts, "hi": hindi}))


def test_two_folders_with_the_same_files_keep_their_own_places(folder: Path, cache: Path) -> None:
    run(folder, cache)
    renamed, _ = run(folder.rename(folder.parent / "others"), cache)
    assert renamed.loaded.places["emd"][0].startswith("others/bids.yaml:")


def test_faults_are_told_every_time_and_nothing_is_kept(folder: Path, cache: Path) -> None:
    (folder / "bids.yaml").write_text(BIDS.replace("id: emd", "id: E M D"), "utf-8")
    for _ in range(2):
        with pytest.raises(ContentError) as caught:
            run(folder, cache)
        assert "bad-id" in {fault.key for fault in caught.value.faults}
    assert kept(cache) == []


def test_a_missing_folder_is_a_fault_and_nothing_is_kept(tmp_path: Path, cache: Path) -> None:
    with pytest.raises(ContentError):
        run(tmp_path / "missing", cache)
    assert kept(cache) == []


def foreign(**arrays: object) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=True, **{name: np.asarray(array) for name, array in arrays.items()})
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0",
        b"not an archive at all\n",
        b"\0" * 5_000,
        pickle.dumps({"loaded": "x"}),
        foreign(x=[1, 2, 3]),
        foreign(loaded=np.frombuffer(b"{}", np.uint8)),
        foreign(loaded=np.array([{"x": 1}], dtype=object)),
        foreign(loaded=np.frombuffer(b'{"faq": 1}', np.uint8), features=[1], classes=[1]),
    ],
    ids=["empty", "nul", "text", "zeros", "pickle", "foreign", "half", "objects", "wrong"],
)
def test_a_cache_file_with_something_else_in_it_is_made_anew(folder: Path, cache: Path, content: bytes) -> None:
    expected, _ = run(folder, cache)
    (file,) = kept(cache)
    file.write_bytes(content)
    actual, learnt = run(folder, cache)
    assert learnt
    assert_same(expected, actual)
    again, learnt = run(folder, cache)
    assert not learnt
    assert_same(expected, again)


@pytest.mark.parametrize("eighth", range(8))
def test_a_cache_file_with_one_wrong_byte_gives_nothing_wrong(folder: Path, cache: Path, eighth: int) -> None:
    expected, _ = run(folder, cache)
    (file,) = kept(cache)
    whole = file.read_bytes()
    for part in (b"loaded.npy", b"features.npy", b"rarity.npy", b"evidence.npy"):
        # Somewhere behind the name and the head of that part, in what it holds.
        at = whole.index(part) + 200 + eighth
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << eighth]) + whole[at + 1 :])
        actual, learnt = run(folder, cache)
        assert learnt
        assert_same(expected, actual)


def test_a_folder_in_place_of_the_cache_file_costs_only_time(folder: Path, cache: Path) -> None:
    expected, _ = run(folder, cache)
    (file,) = kept(cache)
    file.unlink()
    file.mkdir()
    actual, learnt = run(folder, cache)
    assert learnt
    assert_same(expected, actual)
    assert [one.name for one in cache.iterdir()] == [file.name]


def a_file(path: Path) -> Path:
    path.write_text("in the way", "utf-8")
    return path


def below_a_file(path: Path) -> Path:
    return a_file(path) / "below"


def a_dangling_link(path: Path) -> Path:
    path.symlink_to(path.parent / "nowhere" / "at all")
    return path


@pytest.mark.parametrize("place", [a_file, below_a_file, a_dangling_link])
def test_a_cache_folder_that_cannot_be_written_costs_only_time(
    folder: Path, cache: Path, place: Callable[[Path], Path]
) -> None:
    expected, _ = run(folder, cache)
    for _ in range(2):
        actual, learnt = run(folder, place(cache.parent / os.urandom(4).hex()))
        assert learnt
        assert_same(expected, actual)


def test_a_cache_folder_is_made_with_all_above_it(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path / "a" / "b" / "c")
    assert len(kept(tmp_path / "a" / "b" / "c")) == 1


def test_processes_that_prepare_at_once_do_not_disturb_each_other(folder: Path, cache: Path) -> None:
    for turn in range(3):
        (folder / "bids.yaml").write_text(f"{BIDS}# {turn}\n", "utf-8")
        children = [started(folder, cache), started(folder, cache)]
        go(*children)
        ends = [child.communicate() for child in children]
        assert [child.returncode for child in children] == [0, 0], ends
        assert ends[0] == ends[1]
        assert "['emd', 'payment']" in ends[0][0]
        assert len(kept(cache)) == turn + 1
        assert [file for file in cache.iterdir() if file.suffix != ".npz"] == []
        assert not run(folder, cache)[1]


@pytest.mark.parametrize("most", [0, 1, 4_096])
def test_a_disk_that_is_full_costs_only_time_and_leaves_nothing(folder: Path, cache: Path, most: int) -> None:
    child = started(folder, cache, str(most))
    go(child)
    said, _ = child.communicate()
    assert child.returncode == 0
    assert "['emd', 'payment']" in said
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize("most", [0, 1, 4_096])
def test_a_process_killed_in_the_middle_of_writing_leaves_nothing_that_is_trusted(
    folder: Path, cache: Path, most: int
) -> None:
    # Past this many bytes the kernel kills the process on the spot, as SIGKILL would, but never too early or late.
    child = started(folder, cache, f"kill{most}")
    go(child)
    child.communicate()
    assert child.returncode == -signal.SIGXFSZ
    assert [most] == [file.stat().st_size for file in cache.iterdir()]
    expected, _ = run(folder, cache.parent / "fresh")
    actual, learnt = run(folder, cache)
    assert learnt
    assert_same(expected, actual)
    assert not run(folder, cache)[1]


def test_a_process_killed_by_sigkill_as_it_writes_leaves_nothing_that_is_wrong(folder: Path, cache: Path) -> None:
    questions = "".join(f"    - sawal {number} ka jawab {number * 7919 % 10007}\n" for number in range(2_000))
    (folder / "many.yaml").write_text(f"- id: many\n  title: x\n  answer: x\n  questions:\n{questions}", "utf-8")
    cache.mkdir()
    child = started(folder, cache)
    go(child)
    while child.poll() is None:
        if any(cache.iterdir()):
            child.kill()
            break
    child.communicate()
    expected, _ = run(folder, cache.parent / "fresh")
    assert_same(expected, run(folder, cache)[0])
    assert not run(folder, cache)[1]


def test_a_changed_program_does_not_read_what_another_kept(folder: Path, cache: Path, tmp_path: Path) -> None:
    program = tmp_path / "program"
    shutil.copytree(PROGRAM / "bot", program / "bot", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(shipped("locales"), program / "locales")
    for changed in ("core/answers/fold.py", "core/answers/index.py", "content/faq.py", "strictyaml.py"):
        counts = []
        for _ in range(2):
            child = started(folder, cache, program=program)
            go(child)
            assert "['emd', 'payment']" in child.communicate()[0]
            counts.append(len(kept(cache)))
            with (program / "bot" / changed).open("a", encoding="utf-8") as source:
                source.write("# changed\n")
        assert counts[1] == counts[0] + 1, changed
        for file in kept(cache):
            file.unlink()


def test_only_the_newest_are_kept(folder: Path, cache: Path) -> None:
    for number in range(KEPT + 3):
        (folder / "bids.yaml").write_text(f"{BIDS}# {number}\n", "utf-8")
        before = set(kept(cache))
        run(folder, cache)
        (new,) = set(kept(cache)) - before
        os.utime(new, (1_000 + number, 1_000 + number))
    assert len(kept(cache)) == KEPT
    for number in range(3, KEPT + 3):
        (folder / "bids.yaml").write_text(f"{BIDS}# {number}\n", "utf-8")
        assert not run(folder, cache)[1]


def test_files_of_other_programs_in_the_cache_folder_are_left_alone(folder: Path, cache: Path) -> None:
    cache.mkdir()
    others = [cache / f"other-{number}.npz" for number in range(KEPT + 2)] + [cache / "faq.txt"]
    for file in others:
        a_file(file)
    run(folder, cache)
    assert all(file.read_text("utf-8") == "in the way" for file in others)


@pytest.mark.parametrize("keep", [-1, 100, 2_000])
def test_a_truncated_cache_file_is_made_anew(folder: Path, cache: Path, keep: int) -> None:
    expected, _ = run(folder, cache)
    (file,) = kept(cache)
    file.write_bytes(file.read_bytes()[:keep])
    actual, learnt = run(folder, cache)
    assert learnt
    assert_same(expected, actual)


def test_a_cache_file_whose_parts_do_not_fit_is_made_anew(folder: Path, cache: Path) -> None:
    expected, _ = run(folder, cache)
    (file,) = kept(cache)
    with np.load(file) as arrays:
        parts = dict(arrays)
    with file.open("wb") as damaged:
        np.savez(damaged, **{**parts, "labels": parts["labels"][:-1]})
    actual, learnt = run(folder, cache)
    assert learnt
    assert_same(expected, actual)
