"""Tokenizers and text encoders small enough to be made in a blink; the vocabulary is single bytes."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer
from transformers.convert_slow_tokenizer import bytes_to_unicode

TOKENS_MAX = 77
BEGINNING, END = "<|startoftext|>", "<|endoftext|>"
WIDTH = 32


def clip_tokenizer() -> CLIPTokenizer:
    """A byte-level CLIP tokenizer without merges: every text of every language has tokens."""
    letters = list(bytes_to_unicode().values())
    words = [*letters, *(f"{letter}</w>" for letter in letters), BEGINNING, END]
    with TemporaryDirectory() as folder:
        vocabulary, merges = Path(folder) / "vocab.json", Path(folder) / "merges.txt"
        vocabulary.write_text(json.dumps({word: number for number, word in enumerate(words)}))
        merges.write_text("#version: 0.2\n")
        return CLIPTokenizer(str(vocabulary), str(merges), model_max_length=TOKENS_MAX, pad_token=END)


def clip_text_config(tokenizer: CLIPTokenizer, *, width: int = WIDTH) -> CLIPTextConfig:
    numbers: dict[str, int] = tokenizer.get_vocab()
    return CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=width,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=TOKENS_MAX,
        projection_dim=width,
        bos_token_id=numbers[BEGINNING],
        eos_token_id=numbers[END],
        pad_token_id=numbers[END],
    )


def clip_text_model(tokenizer: CLIPTokenizer, *, seed: int = 0) -> CLIPTextModel:
    torch.manual_seed(seed)
    return CLIPTextModel(clip_text_config(tokenizer)).eval()


def projecting_text_model(tokenizer: CLIPTokenizer, *, seed: int = 0) -> CLIPTextModelWithProjection:
    torch.manual_seed(seed)
    return CLIPTextModelWithProjection(clip_text_config(tokenizer)).eval()
