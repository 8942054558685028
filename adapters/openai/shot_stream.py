"""Finds complete shots in an answer that is still arriving."""

SHOT_CHARACTERS_MAX = 64_000
# How much of what stands before a bracket is looked at, blanks left out: a key, or the end of a thought.
_BEHIND_CHARACTERS = 16
_SHOTS_KEY = '"shots":'
_THOUGHT, _THOUGHT_END = "<think>", "</think>"


class ShotStream:
    """Feeds on pieces of text and gives out each object of the shots as soon as its brace closes.

    The shots are an array of objects: behind the key `shots`, or bare; other arrays ("[wide, medium]", `"tags":[]`),
    thoughts between marks of thinking, a code fence, a polite sentence are passed over.
    """

    def __init__(self) -> None:
        self._shot: list[str] = []
        self._depth = 0
        self._behind = ""
        # How much was read of `[{"`, by which the shots begin; within a string of JSON the quote would be escaped.
        self._opening = ""
        self._is_thinking = False
        self._is_in_array = False
        self._is_in_string = False
        self._is_escaped = False
        self.is_complete = False

    def feed(self, text: str) -> list[str]:
        """Take the next piece; answer the shots that it completes, as JSON."""
        found: list[str] = []
        for letter in text:
            if self.is_complete:
                break
            if not self._is_in_array:
                self._look(letter)
            elif self._take(letter):
                found.append("".join(self._shot))
                self._shot.clear()
        return found

    @property
    def is_overlong(self) -> bool:
        """Whether the shot under way has outgrown every honest one: the model is rambling."""
        return len(self._shot) > SHOT_CHARACTERS_MAX

    def _look(self, letter: str) -> None:
        """Take one letter in front of the array: is it where the shots begin?"""
        if letter.isspace():
            return
        if self._opening == "[{" and letter == '"':
            self._is_in_array = True
            for each in '{"':
                self._take(each)
            return
        if self._opening == "[" and letter == "]":
            self.is_complete = self._behind == "[" or self._behind.endswith(f"{_SHOTS_KEY}[")
        self._opening = self._opened(letter)
        self._behind = (self._behind + letter)[-_BEHIND_CHARACTERS:]
        if letter == ">":
            self._think()

    def _opened(self, letter: str) -> str:
        if self._opening == "[" and letter == "{":
            return "[{"
        return "[" if letter == "[" and self._is_open_place() else ""

    def _is_open_place(self) -> bool:
        """Whether the shots may begin here: behind their own key or behind none, and not within a thought."""
        return not self._is_thinking and (self._behind.endswith(_SHOTS_KEY) or not self._behind.endswith('":'))

    def _think(self) -> None:
        if self._behind.endswith(_THOUGHT):
            self._is_thinking = True
        elif self._behind.endswith(_THOUGHT_END):
            self._is_thinking = False

    def _take(self, letter: str) -> bool:
        """Take one letter inside the array; True when it closes a shot."""
        if self._depth == 0:
            if letter == "]":
                self.is_complete = True
            if letter != "{":
                return False
        self._shot.append(letter)
        if self._is_in_string:
            self._in_string(letter)
        elif letter == '"':
            self._is_in_string = True
        elif letter in "{[":
            self._depth += 1
        elif letter in "}]":
            self._depth -= 1
            return self._depth == 0
        return False

    def _in_string(self, letter: str) -> None:
        if self._is_escaped:
            self._is_escaped = False
        elif letter == "\\":
            self._is_escaped = True
        elif letter == '"':
            self._is_in_string = False
