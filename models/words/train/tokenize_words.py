"""The tokenizer `static-words` as TOKENIZER.md defines it: text -> pieces, that is (row, factor) pairs."""

import re
import sys
import unicodedata

SPECIAL = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i", "ħ": "h"}


def _ranges(test):
    """A regular-expression class body of all code points whose general category passes `test`."""
    parts, start = [], None
    for code in range(0x110001):
        inside = code < 0x110000 and test(unicodedata.category(chr(code)))
        if inside and start is None:
            start = code
        elif not inside and start is not None:
            parts.append(f"\\U{start:08x}-\\U{code - 1:08x}")
            start = None
    return "".join(parts)


_L, _W, _S = (_ranges(lambda c, k=k: c[0] in k) for k in ("L", "LMN", "S"))
_LL, _LU = (_ranges(lambda c, k=k: c == k) for k in ("Ll", "Lu"))
_HIDDEN = _ranges(lambda c: c[0] == "Z" or c in ("Cc", "Cf"))

_DELETE = re.compile("[\u0300-\u036f\u00ad\u2060\ufeff\ufe00-\ufe0f\u20e3\U0001f3fb-\U0001f3ff]")
_ACCENTS = re.compile("[\u0300-\u036f]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_APOSTROPHES = re.compile("[\u2018\u2019\u02bc]")
_HYPHENS = re.compile("[\u2010\u2011]")
_TOKEN = re.compile(
    "[0-9]+(?:[.,][0-9]+)+"
    f"|[{_L}](?:\\.[{_L}])+(?![{_W}])\\.?"
    f"|[{_W}]+(?:['-][{_W}]+)*"
    "|[\U0001f1e6-\U0001f1ff]{2}"
    f"|[%&@#]|(?![<=>^`|~])[{_S}]"
)
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)+")
_ABBREVIATION = re.compile(f"[{_L}](?:\\.[{_L}])+\\.?")
_CAMEL = re.compile(f"(?<=[{_LL}])(?=[{_LU}])")
_INVISIBLE = re.compile(f"[{_HIDDEN}]")
_PLAIN = re.compile("[a-z]+")
_SPECIAL = re.compile(f"[{''.join(SPECIAL)}]")


def clean(text, max_characters=sys.maxsize):
    """Step 1: normalised text, case kept."""
    if not text.isascii():
        units = text.encode("utf-16-le", "surrogatepass")[: 2 * max_characters]
        text = _SURROGATES.sub("\ufffd", units.decode("utf-16-le", "surrogatepass"))
        text = _DELETE.sub("", unicodedata.normalize("NFKD", text))
        text = unicodedata.normalize("NFC", text)
        return _HYPHENS.sub("-", _APOSTROPHES.sub("'", text))
    return text[:max_characters]


def fold(token):
    """Lower case without accents."""
    word = token.lower()
    if word.isascii():
        return word
    return _ACCENTS.sub("", _SPECIAL.sub(lambda match: SPECIAL[match[0]], word))


def fnv1a(data):
    """32-bit FNV-1a of bytes."""
    value = 2166136261
    for byte in data:
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value


class Tokenizer:
    """`vocabulary`: list of entries; `settings`: the field `tokenizer` of pack.json."""

    def __init__(self, vocabulary, settings):
        self.rows = {word: row for row, word in enumerate(vocabulary)}
        self.settings = settings
        self.words = len(vocabulary)
        self._ngram_rows = {}

    def tokens(self, text):
        """Step 2: (tokens, rest); rest is what a text without tokens is made of, '' if it is blank."""
        cleaned = clean(text, self.settings["maxCharacters"])
        found = []
        for match in _TOKEN.finditer(cleaned):
            found.append(match[0])
            if len(found) == self.settings["maxWords"]:
                break
        return found, "" if found else _INVISIBLE.sub("", cleaned)

    def __call__(self, text):
        """[(row, factor), ...] of a text; empty only if the text is blank."""
        found, rest = self.tokens(text)
        if not found:
            return self._ngrams(rest.lower()) if rest else []
        return [piece for token in found for piece in self.look(token)]

    def look(self, token):
        """Step 3: the pieces of one token."""
        word = fold(token)
        if not word:
            return []
        row = self.rows.get(word)
        if row is not None:
            return [(row, 1.0)]
        if _NUMBER.fullmatch(token):
            plain = token.replace(",", "")
            return [(self.rows[plain], 1.0)] if plain in self.rows else self._ngrams(plain)
        if _ABBREVIATION.fullmatch(token):
            letters = token.replace(".", "")
            row = self.rows.get("".join(f"{letter}." for letter in fold(letters)))
            return self.look(letters) if row is None else [(row, 1.0)]
        if "'" in token:
            if word.endswith("'s"):
                return self.look(token[:-2])
            return self._look_all(token.split("'"))
        if "-" in token:
            return self._look_all(token.split("-"))
        humps = _CAMEL.split(token)
        if len(humps) > 1:
            return self._look_all(humps)
        row = self._stem(word)
        return self._ngrams(word) if row is None else [(row, 1.0)]

    def _look_all(self, parts):
        return [piece for part in parts if part for piece in self.look(part)]

    def _stem(self, word):
        if not _PLAIN.fullmatch(word):
            return None
        for ending, replacement in self.settings["suffixes"]:
            if not word.endswith(ending):
                continue
            stem = word[: len(word) - len(ending)] + replacement
            if len(stem) >= 3 and stem in self.rows:
                return self.rows[stem]
            if ending in ("ed", "ing", "er") and not replacement and len(stem) >= 4 and stem[-1] == stem[-2]:
                if stem[:-1] in self.rows:
                    return self.rows[stem[:-1]]
        return None

    def _ngrams(self, word):
        marked = f"<{word[: self.settings['maxWordLength']]}>"
        shortest, longest = self.settings["ngrams"]
        grams = [
            marked[start : start + n]
            for n in range(shortest, longest + 1)
            for start in range(len(marked) - n + 1)
        ]
        if len(marked) > longest:
            grams.append(marked)
        return [(self._ngram_row(gram), 1.0 / len(grams)) for gram in grams]

    def _ngram_row(self, gram):
        row = self._ngram_rows.get(gram)
        if row is None:
            row = self.words + fnv1a(gram.encode()) % self.settings["buckets"]
            self._ngram_rows[gram] = row
        return row
