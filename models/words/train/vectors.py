"""Writes test/models/words.reference.json: texts with their pieces and vectors, by words.py from the files as shipped.

`python3 vectors.py PACK OUT`. `pieces` holds the first 40 of `count`; `first` the vector's first 8 numbers;
`checksum` is the sum over i of vector[i] * cos(i) (i from 0), which every number changes.
"""

import json
import sys

import numpy as np

from words import Words

TEXTS = [
    "cat", "Cat", "CATS", "a tiny red boat", "cheap flights", "low-cost air travel", "A man is playing a large flute.",
    "The quick brown fox jumps over the lazy dog.", "Don't stop", "don’t stop", "the dog's bone", "the dogs' bone", "rock'n'roll o'neill",
    "Café", "cafe", "Cafe\u0301", "naïve résumé jalapeño", "İstanbul ISTANBUL ıstanbul", "Straße STRASSE", "Ærøskøbing Łódź",
    "ＡＢＣ １２３", "ﬁne oﬃce", "U.S. U.S u.s.a. e.g. p.m.", "Node.js v20.11.1", "1,000 1000 3.5 2013 1,234,567.89", "42 007 99999999",
    "1950s 21st 4k mp3 covid19", "getElementById XMLHttpRequest iPhone YouTube", "snake_case kebab-case-word --flag", "well-known state-of-the-art",
    "e‑mail (non-breaking hyphen)", "soft\u00adhyphen zero\u200bwidth word\u2060joiner", "pages 10–12 — an em dash",
    "tagging unfriendliness snowboarders flibbertigibbets", "asdfghjkl qwrtpsdfg", "teh recieve definately", "😀", "🍕🍕", "👍🏽 👍",
    "👩\u200d👩\u200d👧\u200d👦", "❤️ ❤", "🇩🇪 🇫🇷", "1️⃣2️⃣", "$5 €10 50% R&D C++ C# @home #tag", "?!", "...", "—", "( )[ ]{}",
    "<script>alert('x')</script>", "<b>bold</b> &amp; <i>", "line\nbreak\ttab\u0000null\u0007bell", "\u202eright-to-left override",
    "שלום עולם", "مرحبا بالعالم", "日本語の文章", "が か\u3099", "한국어 문장", "Привет, мир", "สวัสดีชาวโลก", "नमस्ते दुनिया", "𐀀𐀁", "𝓗𝓮𝓵𝓵𝓸", "\ud800 lone", "a\udc00b", "\ud83d\ude00",
    "Ὀδυσσεύς", "ΟΔΟΣ ΣΑΣ", "①②③ ½ ™", "x", "I", "the", "the of and", "l'amour d'été", "a.b.cd x.y.z.", "''quoted'' -dash- 'tis", "a\u0301\u0302", "\ufffd",
]  # fmt: skip
LONG = [("word ", 3000), ("a", 100000), ("flibbertigibbet ", 7000), ("ab cd! ", 20000), ("é", 40000), ("😀", 30000), ("a.", 20000), ("1,", 20000), ("ﷺ ", 8000)]
BLANK = ["", " ", "\n\t ", "\u00a0\u3000\u2003", "\u200b\u200d\ufeff", "\u0000\u0001\u001f", "\ufe0f", "\u0301", "\u00ad"]


def entry(words, text):
    vector = words.embed([text])[0].astype(np.float64)
    pieces = words.tokenizer(text)
    return {
        "count": len(pieces),
        "pieces": [[row, round(factor, 9)] for row, factor in pieces[:40]],
        "first": [round(float(x), 7) for x in vector[:8]],
        "checksum": round(float(vector @ np.cos(np.arange(len(vector)))), 6),
    }


def main():
    words = Words(sys.argv[1])
    texts = [{"text": text, **entry(words, text)} for text in TEXTS]
    texts += [{"repeat": [unit, times], **entry(words, unit * times)} for unit, times in LONG]
    for text in BLANK:
        assert not words.tokenizer(text), repr(text)
    table = words.manifest["embedding"]["sha256"]
    lines = ",\n".join(json.dumps(text) for text in texts)
    with open(sys.argv[2], "w") as out:
        out.write(f'{{"table": "{table}", "blank": {json.dumps(BLANK)}, "texts": [\n{lines}\n]}}\n')
    print(len(texts), "texts,", len(BLANK), "blank")


if __name__ == "__main__":
    main()
