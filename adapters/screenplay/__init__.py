"""The built-in writer: from prose, plays and screenplays to shots, without a model."""
