"""Reads the free dictionaries: each function yields (text, text, ...) groups whose members mean about the same."""

import gzip
import re
import zlib
from pathlib import Path
from xml.etree import ElementTree

POINTERS = {"@": "hypernym", "&": "similar", "^": "also", "+": "derived", "\\": "derived"}
B64 = {c: i for i, c in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")}


def tidy(text):
    """One line without brackets' contents, footnote marks and doubled blanks."""
    text = re.sub(r"\{([^{}]*)\}", r"\1", text)
    text = re.sub(r"\[[^\]]*\]|<[^>]*>|\([^)]*\)", " ", text)
    return re.sub(r"\s+", " ", text).strip(" .,;:-–\u2009")


# --- WordNet ---------------------------------------------------------------------------------------------------------


def held_out(key):
    """Whether a synset (`n00402122`) is kept for the retrieval check: about one in thirty, by its checksum."""
    return zlib.crc32(key.encode()) % 30 == 0


def read_wordnet(folder):
    """{key: {lemmas, definition, examples, pointers}} of all synsets."""
    synsets = {}
    for part in ("noun", "verb", "adj", "adv"):
        for line in (Path(folder) / f"data.{part}").read_text(encoding="latin-1").split("\n"):
            if not line or line.startswith("  "):
                continue
            left, gloss = line.split(" | ", 1)
            fields = left.split(" ")
            count = int(fields[3], 16)
            lemmas = [re.sub(r"\(.*\)", "", fields[4 + 2 * i]).replace("_", " ") for i in range(count)]
            rest = fields[4 + 2 * count :]
            pointers = [
                (rest[1 + 4 * i], ("a" if rest[3 + 4 * i] == "s" else rest[3 + 4 * i]) + rest[2 + 4 * i])
                for i in range(int(rest[0]))
            ]
            examples = re.findall(r'"([^"]+)"', gloss)
            definition = tidy(re.sub(r'"[^"]*"?', "", gloss))
            kind = part[0] if part != "adv" else "r"
            synsets[kind + fields[0]] = {
                "lemmas": list(dict.fromkeys(lemmas)),
                "definition": definition,
                "examples": examples,
                "pointers": pointers,
            }
    return synsets


def wordnet_definitions(synsets):
    for key, synset in synsets.items():
        if not held_out(key):
            for lemma in synset["lemmas"]:
                yield lemma, synset["definition"]


def wordnet_synonyms(synsets):
    for key, synset in synsets.items():
        if not held_out(key) and len(synset["lemmas"]) > 1:
            yield tuple(synset["lemmas"][:8])


def wordnet_examples(synsets):
    """An example sentence with the words of its synset in place of the one that it has, else with the definition."""
    for key, synset in synsets.items():
        if held_out(key):
            continue
        for example in synset["examples"]:
            words = [w for w in synset["lemmas"] if re.search(rf"\b{re.escape(w)}\b", example)]
            for other in synset["lemmas"]:
                if words and other not in words:
                    yield example, re.sub(rf"\b{re.escape(words[0])}\b", lambda _: other, example, count=1)
            if len(example.split()) > 3:
                yield example, f"{synset['lemmas'][0]}: {synset['definition']}"


def wordnet_related(synsets):
    """Hypernyms, similar adjectives and derived forms, as words."""
    for key, synset in synsets.items():
        if held_out(key):
            continue
        for symbol, target in synset["pointers"]:
            if symbol in POINTERS and target in synsets and not held_out(target):
                yield synset["lemmas"][0], synsets[target]["lemmas"][0]


# --- dictd dictionaries ------------------------------------------------------------------------------------------------


def read_dictd(folder):
    """Distinct entries of a dictd dictionary below `folder`, in the order of its index."""
    index = sorted(p for p in Path(folder).rglob("*.index") if not p.is_symlink())
    name = next(p for p in index if "english-german" not in p.name)
    data = gzip.open(name.with_suffix(".dict.dz")).read()
    number = lambda digits: sum(B64[c] * 64**i for i, c in enumerate(reversed(digits)))
    seen = set()
    for line in name.read_text(encoding="utf-8", errors="replace").split("\n"):
        if line.count("\t") < 2 or line.startswith("00"):
            continue
        start, length = (number(field) for field in line.split("\t")[1:3])
        if start not in seen:
            seen.add(start)
            yield data[start : start + length].decode("utf-8", "replace")


def glosses(folder):
    """Head word with each short gloss of an English-to-X dictionary made from Wiktionary: the line that follows the translations."""
    for entry in read_dictd(folder):
        head, *lines = entry.split("\n")
        head = re.match(r"(.+?) /", head)
        for translation, gloss in zip(lines, lines[1:]) if head else ():
            is_gloss = gloss.isascii() and len(gloss) > 3 and not re.match(r"\s|\d+\.", gloss)
            if is_gloss and (translation is lines[0] or re.match(r"\d+\.", translation) or not translation.isascii()):
                yield head[1], tidy(gloss)


def pivot(folder):
    """English words for one sense of a word of another language."""
    for entry in read_dictd(folder):
        head, *lines = entry.split("\n")
        for line in lines[:1] + [line for line in lines[1:] if re.match(r"\d+\. ", line)]:
            group = [tidy(word) for word in re.sub(r"^\d+\. ", "", line).split(",")]
            group = [word for word in group if word.isascii() and 1 < len(word) < 60]
            if len(group) > 1:
                yield tuple(group[:6])


def jargon(folder):
    """Words of programmers with the first paragraph about them."""
    for entry in read_dictd(folder):
        head, _, body = entry.partition("\n")
        text = tidy(re.sub(r"^\s*(?:/.*?/)?,?\s*(?:n|v|adj|adv|vt|vi|interj)\.", " ", re.sub(r"^ *\d+\. *(\[.*?\])?", "", body.strip().split("\n\n", 1)[-1])).split("\n\n")[0])
        if len(text) > 20:
            yield head.strip(), " ".join(text.split()[:50])


def edict(path):
    """English glosses of one sense of a Japanese word."""
    for line in Path(path).read_text(encoding="euc-jp", errors="replace").split("\n")[1:]:
        glosses = line.split("/")[1:-1]
        group = []
        for gloss in [*glosses, "(1)"]:
            if re.search(r"\(\d+\)", gloss):
                if len(group) > 1:
                    yield tuple(dict.fromkeys(group))
                group = []
            gloss = tidy(gloss)
            if gloss and gloss.isascii() and gloss != "P" and not gloss.startswith("EntL") and len(gloss) < 120:
                group.append(gloss)


# --- emoji and numbers -------------------------------------------------------------------------------------------------


def emoji(path):
    """(emoji, name, keywords) from the annotations of CLDR."""
    names, words = {}, {}
    for node in ElementTree.parse(path).iter("annotation"):
        (names if node.get("type") == "tts" else words)[node.get("cp")] = node.text
    for character, keywords in words.items():
        yield character, names.get(character, ""), keywords.replace(" | ", " ")


def flags(path):
    """(flag, country) from the territory names of CLDR."""
    for node in ElementTree.parse(path).iter("territory"):
        code = node.get("type")
        if re.fullmatch("[A-Z]{2}", code) and node.get("alt") is None:
            yield "".join(chr(0x1F1E6 + ord(letter) - 65) for letter in code), node.text


ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()


def spell(number):
    """English words of 0..999999."""
    if number < 20:
        return ONES[number]
    if number < 100:
        return TENS[number // 10 - 2] + (f" {ONES[number % 10]}" if number % 10 else "")
    for size, name in ((1000, "thousand"), (100, "hundred")):
        if number >= size:
            return f"{spell(number // size)} {name}" + (f" {spell(number % size)}" if number % size else "")
    raise ValueError(number)


ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()


def numbers():
    """Figures with their words, ordinals, neighbours and decades."""
    for number in [*range(0, 1000), *range(1000, 100000, 1000)]:
        yield str(number), spell(number)
    for number, word in enumerate(ORDINALS, 1):
        yield f"{number}{('th', 'st', 'nd', 'rd')[number] if number < 4 else 'th'}", word
    for year in range(1900, 2030):
        yield str(year), f"year {spell(year // 100)} {spell(year % 100) if year % 100 else 'hundred'}"
        yield str(year), str(year + 1)
        yield str(year), f"{year // 10}0s"


CONTRACTIONS = {
    "don't": "do not", "doesn't": "does not", "didn't": "did not", "can't": "can not", "couldn't": "could not",
    "won't": "will not", "wouldn't": "would not", "isn't": "is not", "aren't": "are not", "wasn't": "was not",
    "weren't": "were not", "haven't": "have not", "hasn't": "has not", "hadn't": "had not", "shouldn't": "should not",
    "mustn't": "must not", "needn't": "need not", "ain't": "is not", "i'm": "i am", "i've": "i have", "i'll": "i will",
    "i'd": "i would", "you're": "you are", "you've": "you have", "you'll": "you will", "you'd": "you would",
    "he'll": "he will", "she'll": "she will", "it'll": "it will", "we're": "we are", "we've": "we have",
    "we'll": "we will", "we'd": "we would", "they're": "they are", "they've": "they have", "they'll": "they will",
    "they'd": "they would", "let's": "let us", "o'clock": "clock hour", "u.s.": "united states america",
    "u.k.": "united kingdom britain", "u.n.": "united nations", "e.u.": "european union", "a.m.": "morning",
    "p.m.": "afternoon evening", "e.g.": "for example", "i.e.": "that is", "d.c.": "washington district columbia",
}  # fmt: skip
