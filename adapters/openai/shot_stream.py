"""Finds complete shots in an answer that is still arriving."""

SHOT_CHARACTERS_MAX = 64_000


class ShotStream:
    """Feeds on pieces of text and gives out each object of the first array as soon as its brace closes.

    Whatever stands around the array (a wrapping object, a code fence, a polite sentence) is passed over.
    """

    def __init__(self) -> None:
        self._shot: list[str] = []
        self._depth = 0
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
                self._is_in_array = letter == "["
            elif self._take(letter):
                found.append("".join(self._shot))
                self._shot.clear()
        return found

    @property
    def is_overlong(self) -> bool:
        """Whether the shot under way has outgrown every honest one: the model is rambling."""
        return len(self._shot) > SHOT_CHARACTERS_MAX

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
