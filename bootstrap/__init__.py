"""The composition root, the only package that names a concrete adapter."""
