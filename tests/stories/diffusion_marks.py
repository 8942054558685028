"""Where the child of these stories finds what is meant for it: names of variables in its environment."""

# The folder of the tiny models, and a file whose presence has the next training hold at its first checkpoint.
MODELS, MARK = "TESTS_MODELS", "TESTS_MARK"
