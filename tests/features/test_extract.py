"""Extraction decodes what is not known, keeps what it made, and goes on past broken clips."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import numpy as np
import pytest

from tonewise.errors import AudioError
from tonewise.features import FeatureCache, extract, extract_all
from tonewise.features.extract import BATCH_CLIPS, BATCH_SECONDS
from tonewise.features.listening import AHEAD_CLIPS, DECODERS
from tonewise.records import Clip


@dataclass
class Loudness:
    """An encoder of two numbers that remembers what it was given."""

    name: str = "loudness"
    minimum_seconds: float = 0.1
    clip_seconds: float | None = None
    dimensions: int = 2
    batches: list[int] = field(default_factory=list)
    stop_after: int | None = None

    def prepare(self, progress=None):
        pass

    def identity(self):
        return {"name": self.name, "version": 1}

    def encode(self, clips):
        if self.stop_after is not None and len(self.batches) == self.stop_after:
            raise KeyboardInterrupt
        self.batches.append(len(clips))
        return np.array([[clip[0], len(clip)] for clip in clips], dtype=np.float32)


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(b"sound")
    return str(path)


def clips_of(recording: str, count: int, seconds: float = 1.0) -> list[Clip]:
    return [Clip(recording, float(index), seconds) for index in range(count)]


def decode(clip: Clip) -> np.ndarray:
    return np.full(round((clip.before + clip.duration + clip.after) * 16_000), clip.start, dtype=np.float32)


def test_rows_are_in_the_order_of_the_clips(recording):
    clips = [Clip(recording, float(index), 1.0 + index % 3, before=0.5) for index in range(50)]
    done = extract(clips, Loudness(), decode, FeatureCache(None))
    assert done.matrix.dtype == np.float32
    assert done.matrix[:, 0].tolist() == list(range(50))
    assert (done.hits, done.misses, done.failed) == (0, 50, {})
    assert done.audio_seconds == sum(clip.duration for clip in clips)


def test_a_second_run_decodes_nothing(tmp_path, recording):
    clips = clips_of(recording, 40)
    first = extract(clips, Loudness(), decode, FeatureCache(tmp_path / "cache"))
    encoder = Loudness()

    def forbidden(clip):
        raise AssertionError(f"decoded {clip}")

    second = extract([*clips[5:], *clips[:5]], encoder, forbidden, FeatureCache(tmp_path / "cache"))
    assert (second.hits, second.misses, encoder.batches) == (40, 0, [])
    assert np.array_equal(second.matrix, np.roll(first.matrix, -5, axis=0))


def test_a_broken_clip_is_told_and_the_rest_goes_on(tmp_path, recording):
    def sometimes(clip):
        if clip.start == 3.0:
            raise AudioError("a.wav holds no sound there; check the times")
        return decode(clip)

    done = extract(clips_of(recording, 30), Loudness(), sometimes, FeatureCache(tmp_path / "cache"))
    assert done.failed == {3: "a.wav holds no sound there; check the times"}
    assert np.isnan(done.matrix[3]).all() and np.isfinite(np.delete(done.matrix, 3, axis=0)).all()
    assert done.audio_seconds == 29.0
    again = extract(clips_of(recording, 30), Loudness(), decode, FeatureCache(tmp_path / "cache"))
    assert (again.hits, again.misses, again.failed) == (29, 1, {})


def test_clips_that_are_too_short_fail_with_a_reason(recording):
    clips = [Clip(recording, 1.0, 0.05), Clip(recording, 2.0, 1.0), Clip(recording, 3.0, 1.0)]

    def ends_early(clip):
        return decode(clip)[:800] if clip.start == 3.0 else decode(clip)

    done = extract(clips, Loudness(), ends_early, FeatureCache(None))
    assert list(done.failed) == [0, 2]
    assert set(done.failed.values()) == {
        "shorter than the 0.1 s that loudness needs; join it with its neighbour or leave it out"
    }
    assert done.misses == 2, "a clip that is known to be too short is not even looked for"


def test_numbers_that_are_not_finite_fail_and_are_not_kept(tmp_path, recording):
    def nan(clip):
        return decode(clip) * np.nan if clip.start == 1.0 else decode(clip)

    done = extract(clips_of(recording, 3), Loudness(), nan, FeatureCache(tmp_path / "cache"))
    assert list(done.failed) == [1] and "not finite" in done.failed[1]
    assert np.isnan(done.matrix[1]).all()
    assert len(list((tmp_path / "cache").glob("?/?/*.npy"))) == 2


def test_an_interrupt_loses_only_the_batch_in_hand(tmp_path, recording):
    clips = clips_of(recording, 5 * BATCH_CLIPS)
    with pytest.raises(KeyboardInterrupt):
        extract(clips, Loudness(stop_after=3), decode, FeatureCache(tmp_path / "cache"))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("decode")]
    resumed = extract(clips, Loudness(), decode, FeatureCache(tmp_path / "cache"))
    assert (resumed.hits, resumed.misses) == (3 * BATCH_CLIPS, 2 * BATCH_CLIPS)


def test_other_errors_of_a_decoder_are_not_hidden(recording):
    def broken(clip):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        extract(clips_of(recording, 3), Loudness(), broken, FeatureCache(None))


def test_sounds_are_decoded_ahead_but_not_without_bound(recording):
    waiting, most = 0, 0
    lock = threading.Lock()

    def counted(clip):
        nonlocal waiting, most
        with lock:
            waiting += 1
            most = max(most, waiting)
        return decode(clip)

    class Counting(Loudness):
        def encode(self, clips):
            nonlocal waiting
            with lock:
                waiting -= len(clips)
            return super().encode(clips)

    extract(clips_of(recording, 20 * BATCH_CLIPS), Counting(), counted, FeatureCache(None))
    assert BATCH_CLIPS <= most <= AHEAD_CLIPS + BATCH_CLIPS + DECODERS + 1


def test_long_clips_make_small_batches(recording):
    encoder = Loudness()
    extract(clips_of(recording, 4, seconds=BATCH_SECONDS / 2), encoder, decode, FeatureCache(None))
    extract(clips_of(recording, 2, seconds=BATCH_SECONDS * 2), encoder, decode, FeatureCache(None))
    assert encoder.batches == [2, 2, 1, 1]


def test_progress_counts_clips_to_the_end(tmp_path, recording):
    seen = []
    clips = [*clips_of(recording, 40), Clip(recording, 99.0, 0.01)]
    extract(clips[:10], Loudness(), decode, FeatureCache(tmp_path / "cache"))
    extract(clips, Loudness(), decode, FeatureCache(tmp_path / "cache"), lambda *report: seen.append(report))
    assert [report[0] for report in seen] == ["features loudness"] * len(seen)
    assert seen[0][1:] == (11, 41) and seen[-1][1:] == (41, 41)
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)


def test_a_cache_that_cannot_be_written_is_one_problem(tmp_path, recording):
    (tmp_path / "cache").write_text("not a folder")
    done = extract(clips_of(recording, 40), Loudness(), decode, FeatureCache(tmp_path / "cache"))
    assert np.isfinite(done.matrix).all()
    assert [problem.kind for problem in done.problems] == ["cache_off"]


def test_a_problem_of_the_cache_is_told_by_the_extraction_that_met_it(tmp_path, recording):
    (tmp_path / "cache").write_text("not a folder")
    cache = FeatureCache(tmp_path / "cache")
    told = [extract(clips_of(recording, 2), Loudness(), decode, cache).problems for _ in range(2)]
    assert [len(problems) for problems in told] == [1, 0]


def test_no_clips_make_an_empty_matrix():
    done = extract([], Loudness(), decode, FeatureCache(None))
    assert done.matrix.shape == (0, 2) and done.audio_seconds == 0


def test_an_absent_file_is_left_to_the_decoder(tmp_path):
    def absent(clip):
        raise AudioError(f"{clip.audio} does not exist; check the path")

    done = extract([Clip(str(tmp_path / "no.wav"), 0.0, 1.0)], Loudness(), absent, FeatureCache(tmp_path / "cache"))
    assert "does not exist" in done.failed[0]


def heard(clips):
    """One pass over a recording."""
    yield from map(decode, clips)


def test_a_recording_is_passed_once_for_all_encoders(tmp_path):
    passes = []

    def listen(clips):
        passes.append(clips)
        yield from heard(clips)

    files = [str(tmp_path / name) for name in "ab"]
    whole = [Clip(file, float(start), 1.0) for start in (3, 1, 2, 1) for file in files]
    fixed = [Clip(file, 0.5, 2.0) for file in files]
    first, second = extract_all(
        [(Loudness(), whole), (Loudness("other"), [*whole, *fixed])], listen, FeatureCache(None)
    )
    assert [[clip.start for clip in each] for each in sorted(passes, key=lambda each: each[0].audio)] == [
        [0.5, 1, 2, 3]
    ] * 2
    assert first.matrix[:, 0].tolist() == [3, 3, 1, 1, 2, 2, 1, 1]
    assert np.array_equal(second.matrix[:8], first.matrix) and second.matrix[8:, 0].tolist() == [0.5, 0.5]
    assert (first.misses, second.misses) == (8, 10)


def test_what_is_known_to_all_encoders_is_not_decoded(tmp_path, recording):
    clips = clips_of(recording, 6)
    extract(clips, Loudness(), decode, FeatureCache(tmp_path / "cache"))
    extract(clips[:4], Loudness("other"), decode, FeatureCache(tmp_path / "cache"))
    passed = []

    def listen(clips):
        passed.extend(clip.start for clip in clips)
        yield from heard(clips)

    found = extract_all([(Loudness(), clips), (Loudness("other"), clips)], listen, FeatureCache(tmp_path / "cache"))
    assert passed == [4.0, 5.0]
    assert [(each.hits, each.misses) for each in found] == [(6, 0), (4, 2)]
    assert np.array_equal(found[0].matrix, found[1].matrix)


def test_one_broken_recording_among_many(tmp_path):
    files = [str(tmp_path / f"{number}.wav") for number in range(12)]

    def listen(clips):
        broken = clips[0].audio == files[5]
        for clip in clips:
            yield AudioError(f"{clip.audio} is damaged; export it again") if broken else decode(clip)

    clips = [Clip(file, float(start), 1.0) for start in range(3) for file in files]
    done = extract_all([(Loudness(), clips)], listen, FeatureCache(None))[0]
    assert sorted(done.failed) == [5, 17, 29] and "damaged" in done.failed[5]
    assert np.isfinite(done.matrix).all(axis=1).sum() == 33


def test_an_interrupt_ends_the_threads_of_a_long_recording(tmp_path, recording):
    clips = clips_of(recording, 10_000)
    decoded = []

    def listen(clips):
        for clip in clips:
            decoded.append(clip)
            yield decode(clip)

    with pytest.raises(KeyboardInterrupt):
        extract_all([(Loudness(stop_after=1), clips)], listen, FeatureCache(None))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("decode")]
    assert len(decoded) <= 2 * BATCH_CLIPS + AHEAD_CLIPS + DECODERS


def test_blas_has_one_thread_while_anybody_extracts():
    import threadpoolctl

    from tonewise.features.threads import one_blas_thread

    def threads():
        return {each["num_threads"] for each in threadpoolctl.threadpool_info() if each["user_api"] == "blas"}

    before = threads()
    outer, inner = one_blas_thread(), one_blas_thread()
    outer.__enter__()
    inner.__enter__()
    outer.__exit__(None, None, None)
    assert threads() == {1}, "somebody is still inside"
    inner.__exit__(None, None, None)
    assert threads() == before
