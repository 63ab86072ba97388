"""Tiny speech encoders with random weights, and clips to tell apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tonewise.finetuning import Examples

SIZE = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
FRAMES = {"conv_dim": (32,) * 7, "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 2}
WHISPER = {"d_model": 32, "encoder_layers": 2, "encoder_attention_heads": 2, "encoder_ffn_dim": 64, "decoder_layers": 1}
WHISPER |= {"decoder_attention_heads": 2, "decoder_ffn_dim": 64, "vocab_size": 20, "max_source_positions": 100}
WHISPER |= {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1, "init_std": 0.2}


def make(kind: str, folder: Path) -> str:
    """A tiny encoder of one kind, as transformers saves it. Returns its folder."""
    import torch
    import transformers
    from transformers.utils import logging

    with torch.random.fork_rng():
        torch.manual_seed(0)
        if kind == "Whisper":
            model = transformers.WhisperModel(transformers.WhisperConfig(**WHISPER))
            ears = transformers.WhisperFeatureExtractor(chunk_length=2)
        else:
            config = getattr(transformers, f"{kind}Config")(**SIZE, **FRAMES, initializer_range=0.2)
            model = getattr(transformers, f"{kind}Model")(config)
            ears = transformers.Wav2Vec2FeatureExtractor()
    logging.disable_progress_bar()
    model.save_pretrained(folder)
    logging.enable_progress_bar()
    ears.save_pretrained(folder)
    return str(folder)


@pytest.fixture(autouse=True)
def one_thread():
    """Threads of tiny operations wait for each other by spinning: on a busy machine for a hundred times their work."""
    torch = pytest.importorskip("torch", reason="the extra `torch` is not installed: no torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """Folders of tiny encoders by kind, made when asked for. Nobody may change them."""
    pytest.importorskip("torch", reason="the extra `torch` is not installed: no torch")
    pytest.importorskip("transformers", reason="the extra `torch` is not installed: no transformers")
    root, made = tmp_path_factory.mktemp("encoders"), {}

    def folder(kind: str) -> str:
        if kind not in made:
            made[kind] = make(kind, root / kind)
        return made[kind]

    return folder


@pytest.fixture(name="clips")
def clips_fixture(tone):
    """Labelled clips: positive ones are high, negative ones low."""

    def clips(count: int = 24, seed: int = 0, *, flipped: int = 0) -> Examples:
        random = np.random.default_rng(seed)
        positive = np.arange(count) % 2 == 0
        seconds = 0.3 + 0.6 * random.random(count)
        pitch = np.where(positive, 260, 140) * (1 + 0.1 * random.normal(size=count))
        sounds = [tone(length, high) for length, high in zip(seconds, pitch, strict=True)]
        sounds = [sound + 0.02 * random.normal(size=len(sound)).astype(np.float32) for sound in sounds]
        positive[:flipped] = ~positive[:flipped]
        return Examples(
            np.array([len(sound) / 16_000 for sound in sounds]), positive, np.ones(count), sounds.__getitem__
        )

    return clips
