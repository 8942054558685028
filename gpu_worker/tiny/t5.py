"""A T5 tokenizer and encoder small enough to be made in a blink; the vocabulary is single characters."""

import string

import torch
from transformers import T5Config, T5EncoderModel, T5Tokenizer, UMT5Config, UMT5EncoderModel

TOKENS_MAX = 512
WIDTH = 32
LETTERS = string.ascii_letters + string.digits + string.punctuation


def t5_tokenizer() -> T5Tokenizer:
    """A Unigram tokenizer of single characters; what it does not know is one token, unknown."""
    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0), *((letter, -5.0) for letter in LETTERS)]
    return T5Tokenizer(vocab=pieces, extra_ids=0, model_max_length=TOKENS_MAX)


def t5_encoder(tokenizer: T5Tokenizer, *, seed: int = 0) -> T5EncoderModel:
    torch.manual_seed(seed)
    config = T5Config(
        vocab_size=len(tokenizer), d_model=WIDTH, d_kv=8, d_ff=WIDTH, num_layers=2, num_heads=4, use_cache=False
    )
    return T5EncoderModel(config).eval()


def umt5_encoder(tokenizer: T5Tokenizer, *, seed: int = 0) -> UMT5EncoderModel:
    """The multilingual one, whose layers each know places by themselves."""
    torch.manual_seed(seed)
    config = UMT5Config(
        vocab_size=len(tokenizer), d_model=WIDTH, d_kv=8, d_ff=WIDTH, num_layers=2, num_heads=4, use_cache=False
    )
    return UMT5EncoderModel(config).eval()
