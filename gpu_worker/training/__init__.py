"""Learning a character: a LoRA made from its pictures, scored while it is made."""
