"""The built-in engine: films a shot as an illustrated animatic on a CPU."""
