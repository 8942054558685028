"""Vectors of figures in the embedding spaces of vision transformers: CLIP and DINOv2."""
