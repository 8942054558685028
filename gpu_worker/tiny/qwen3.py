"""A Qwen3 tokenizer and language model small enough to be made in a blink; the vocabulary is single bytes."""

import torch
from transformers import Qwen2Tokenizer, Qwen3Config, Qwen3ForCausalLM
from transformers.convert_slow_tokenizer import bytes_to_unicode

TOKENS_MAX = 512
WIDTH = 16
LAYERS = 28  # the 9th, 18th and 27th are read
END, START_OF_TURN, END_OF_TURN = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n"
    "{% if enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}{% endif %}"
)


def qwen3_tokenizer() -> Qwen2Tokenizer:
    """A byte-level tokenizer without merges that knows turns of a chat."""
    words = [*bytes_to_unicode().values(), END, START_OF_TURN, END_OF_TURN]
    return Qwen2Tokenizer(
        vocab={word: number for number, word in enumerate(words)},
        merges=[],
        extra_special_tokens=[START_OF_TURN, END_OF_TURN],
        chat_template=CHAT_TEMPLATE,
        model_max_length=TOKENS_MAX,
    )


def qwen3_model(tokenizer: Qwen2Tokenizer, *, seed: int = 0) -> Qwen3ForCausalLM:
    torch.manual_seed(seed)
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=WIDTH,
        num_hidden_layers=LAYERS,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
        max_position_embeddings=TOKENS_MAX,
        tie_word_embeddings=True,
    )
    return Qwen3ForCausalLM(config).eval()
