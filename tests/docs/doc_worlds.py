"""What pages find in their folder: made once, small, from the demo's synthetic voices."""

from __future__ import annotations

import json
import os
import shutil
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile

RATE = 8_000  # Hz, of calls


class Worlds:
    """Folders and files by name; `place(name, folder)` puts one into a page's folder."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def place(self, name: str, folder: Path) -> None:
        if name == "demo":
            _copy(self.demo, folder / "tonewise-demo" / "corpus")
        elif name == "recording":
            for source in self.recording.iterdir():
                shutil.copy(source, folder)
        elif name == "calls.csv":
            (folder / name).write_text(
                "recording,called_at,agent,queue,product\ncall-1,2026-03-02T10:00,Ann,sales,phone\n"
            )
        else:
            _copy(getattr(self, name), folder / name)

    @cached_property
    def demo(self) -> Path:
        """The demo's corpus: 120 sentences of six voices; clips of four more languages' voices, cut to a few."""
        from tonewise.demo import make_corpus

        made = make_corpus(self._home / "demo", train_utterances=120, language_clips=1)
        clips = pd.read_csv(made.languages_manifest)
        few = clips.groupby(["language", "tone"], sort=False).head(4)
        few.to_csv(made.languages_manifest, index=False)
        return made.folder

    @cached_property
    def model(self) -> Path:
        """A model of the demo's corpus that needs no pretrained weights to hear."""
        import tonewise

        folder = self._home / "model"
        tonewise.train(self.demo / "train.csv", folder, features="melstats", labels="lexicon", audit=False, cache=False)
        return folder

    @cached_property
    def calls(self) -> Path:
        """Four calls of two channels, the agent's first, with transcripts as Deepgram writes them."""
        folder = self._home / "calls"
        for number, (agent, customer) in enumerate(zip(self._voices[:4], self._voices[1:5], strict=True), 1):
            sound, utterances = _call(self.demo, agent.iloc[:3], customer.iloc[:3])
            file = folder / "2026-03" / f"call-{number}.wav"
            file.parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(file, sound, RATE, subtype="PCM_16")
            file.with_suffix(".json").write_text(json.dumps(_deepgram(utterances)), encoding="utf-8")
            os.utime(file, (1_772_500_000 + number * 259_200,) * 2)
        return folder

    @cached_property
    def recording(self) -> Path:
        """One call by itself: `call.wav` with `call.srt`, and a side of it as a telephone system keeps it."""
        folder = self._home / "recording"
        folder.mkdir()
        shutil.copy(self.calls / "2026-03" / "call-1.wav", folder / "call.wav")
        sound, _ = soundfile.read(folder / "call.wav", dtype="float32")
        customer = np.ascontiguousarray(sound[:, 1])
        soundfile.write(folder / "call.ulaw", customer[: 3 * RATE], RATE, format="RAW", subtype="ULAW")
        spoken = json.loads((self.calls / "2026-03" / "call-1.json").read_text(encoding="utf-8"))
        (folder / "call.srt").write_text(_srt(spoken["results"]["utterances"]), encoding="utf-8")
        return folder

    @cached_property
    def CMU_MOSEI(self) -> Path:
        """A copy of CMU-MOSEI as it is downloaded, spoken by the demo's voices."""
        folder = self._home / "CMU_MOSEI"
        raw, labels = folder / "Raw", []
        for video, rows in enumerate(self._voices):
            name = f"video{video}"
            text = raw / "Transcript" / "Segmented" / "Combined" / f"{name}.txt"
            sound = raw / "Audio" / "Full" / "WAV_16000" / f"{name}.wav"
            for file in (text, sound):
                file.parent.mkdir(parents=True, exist_ok=True)
            lines = [f"{name}___{i}___{r.start}___{r.end}___{r.text}" for i, r in enumerate(rows.itertuples())]
            text.write_text("\n".join(lines) + "\n", encoding="utf-8")
            samples, rate = soundfile.read(self.demo / rows["audio"].iloc[0])
            soundfile.write(sound, samples, rate)
            said = {"positive": 1.5, "negative": -1.5}
            labels += [(name, i, said.get(r.tone, 0.0)) for i, r in enumerate(rows.itertuples())]
        (raw / "Labels").mkdir()
        pd.DataFrame(labels, columns=["video_id", "clip_id", "label"]).to_csv(
            raw / "Labels" / "labels.csv", index=False
        )
        return folder

    @cached_property
    def voice(self) -> Path:
        """Eight recordings of one voice: a positive and a negative one in each of four languages."""
        folder = self._home / "voice"
        folder.mkdir()
        clips = pd.read_csv(self.demo / "languages.csv")
        polar = clips[clips["words"] == clips["tone"]].drop_duplicates(["language", "tone"])
        for row in polar.itertuples():
            samples, rate = soundfile.read(self.demo / row.audio)
            soundfile.write(folder / f"{row.language}-{row.tone}.wav", samples, rate)
        return folder

    @cached_property
    def _voices(self) -> list[pd.DataFrame]:
        sentences = pd.read_csv(self.demo / "train.csv")
        return [rows for _, rows in sentences.groupby("recording", sort=True)]


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, dirs_exist_ok=True)


def _call(home: Path, *sides: pd.DataFrame) -> tuple[np.ndarray, list[tuple[float, float, int, str]]]:
    """Sentences of two voices in turn, each on its channel: samples `(n, 2)` and what was said when."""
    import soxr

    sounds = [soxr.resample(soundfile.read(home / side["audio"].iloc[0])[0], 16_000, RATE) for side in sides]
    pieces, utterances, now = [], [], 0.0
    for number in range(sum(map(len, sides))):
        channel = number % len(sides)
        row = sides[channel].iloc[number // len(sides)]
        piece = sounds[channel][round(row.start * RATE) : round(row.end * RATE)]
        both = np.zeros((len(piece) + RATE // 2, len(sides)), dtype=np.float32)
        both[: len(piece), channel] = piece
        pieces.append(both)
        utterances.append((round(now, 2), round(now + len(piece) / RATE, 2), channel, str(row.text)))
        now += len(both) / RATE
    return np.concatenate(pieces), utterances


def _deepgram(utterances: list[tuple[float, float, int, str]]) -> dict[str, object]:
    said = [
        {"start": start, "end": end, "channel": channel, "speaker": 0, "transcript": text, "words": None}
        for start, end, channel, text in utterances
    ]
    return {"metadata": {"channels": 2}, "results": {"channels": [], "utterances": said}}


def _srt(utterances: list[dict[str, object]]) -> str:
    def clock(seconds: object) -> str:
        whole = round(float(str(seconds)) * 1000)
        return f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02},{whole % 1000:03}"

    who = ("Agent", "Customer")
    return "\n".join(
        f"{n}\n{clock(u['start'])} --> {clock(u['end'])}\n{who[int(str(u['channel']))]}: {u['transcript']}\n"
        for n, u in enumerate(utterances, 1)
    )
