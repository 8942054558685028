"""The shots planned from one script: their words, rules and edits."""
