"""Corpora that somebody broke: an exception other than tonewise's own is a bug."""

from __future__ import annotations

import gzip
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tonewise.corpus import read_corpus
from tonewise.errors import InputError

KALDI = {
    "wav.scp": "r1 one.wav\nr2 sox x |\nr3 a.ark:12\n",
    "text": "u1 hello\nu2 you\n",
    "segments": "u1 r1 0 1.5\nu2 r2 1 -1\n",
    "utt2spk": "u1 ann\nu2 bob\n",
    "reco2file_and_channel": "r1 call A\nr2 call B\n",
}
LHOTSE = {
    "recordings.jsonl": '{"id": "r", "sources": [{"type": "file", "channels": [0, 1], "source": "a.wav"}]}\n',
    "supervisions.jsonl": '{"recording_id": "r", "start": 0, "duration": 1.5, "channel": [0], "text": "Hi.", "custom": '
    '{"m": 1}}\n',
}
CUTS = {
    "cuts.jsonl": '{"start": 1, "recording": {"id": "r", "sources": [{"type": "file", "channels": [0], "source": "a.wav"}]}'
    ', "supervisions": [{"start": 0, "duration": 1, "text": "Hi."}]}\n'
}
AUDFORMAT = {
    "db.yaml": "languages: [deu]\nschemes: {t: {labels: {a: Hallo.}}, speaker: {labels: people}}\n"
    "tables: {x: {columns: {text: {scheme_id: t}, speaker: {scheme_id: speaker}}}}\n"
    "misc_tables: {people: {levels: {speaker: str}}}\n",
    "db.x.csv": "file,start,end,text,speaker\na.wav,0 days 00:00:01,NaT,a,ann\n",
    "db.people.csv": "speaker,gender\nann,f\n",
}
COMMON_VOICE = {"validated.tsv": "client_id\tpath\tsentence\tage\nc1\tcommon_voice_de_1.mp3\tJa.\tteens\n"}
LJSPEECH = {"metadata.csv": "LJ1|One.|one\nLJ2|Two.|two\n"}
CORPORA = {
    "kaldi": KALDI,
    "lhotse": LHOTSE,
    "cuts": CUTS,
    "audformat": AUDFORMAT,
    "common_voice": COMMON_VOICE,
    "ljspeech": LJSPEECH,
}

PIECES = st.one_of(
    st.binary(max_size=12),
    st.sampled_from(
        [b"\0", b"\n", b"\t", b"|", b'"', b"{", b"[", b"1e999", b"-1", b"NaN", b"null", b"9" * 400, b"*", b"&a", b": "]
    ),
)


@st.composite
def mutations(draw: st.DrawFn, content: bytes) -> bytes:
    """The content with one to three stretches replaced."""
    for _ in range(draw(st.integers(1, 3))):
        begin = draw(st.integers(0, len(content)))
        end = draw(st.integers(begin, min(len(content), begin + 8)))
        content = content[:begin] + draw(PIECES) + content[end:]
    return content


def read(files: dict[str, bytes], path: str = "") -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, content in files.items():
            (folder / file).write_bytes(content)
        for require_audio in (True, False):
            try:
                assert len(read_corpus(folder / path, require_audio=require_audio).utterances)
            except InputError as error:
                assert "\n" not in str(error)


@pytest.mark.parametrize("kind", CORPORA)
@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_mutated_corpora(kind: str, data: st.DataObject) -> None:
    files = {name: content.encode() for name, content in CORPORA[kind].items()}
    chosen = data.draw(st.sampled_from(sorted(files)))
    files[chosen] = data.draw(mutations(files[chosen]))
    read(files)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["id", "sources", "type", "source", "channels", "recording_id", "start", "duration", "text"]
            )
            | st.sampled_from(["supervisions", "recording", "custom", "channel", "speaker", "language", "gender"]),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(items=st.lists(JSON, min_size=1, max_size=4), zipped=st.booleans())
def test_json_lines_of_any_shape(items: list[object], zipped: bool) -> None:
    data = "".join(json.dumps(item) + "\n" for item in items).encode()
    name = f"supervisions.jsonl{'.gz' if zipped else ''}"
    read({name: gzip.compress(data) if zipped else data}, name)


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(text=st.text(max_size=200))
def test_headers_of_any_yaml(text: str) -> None:
    read({"db.yaml": f"tables: {{x: {{}}}}\n{text}".encode(errors="replace"), "db.x.csv": b"file,text\na.wav,Hi.\n"})
