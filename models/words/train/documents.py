"""Reads what the web is made of: manuals, icons with their search words, features of browsers. Groups as in sources.py."""

import gzip
import html
import json
import re

# Debian packages of manuals whose licences ask for attribution at most (attribution.json has them).
MANUALS = ["python3.11-doc", "postgresql-doc-15", "nodejs-doc", "apache2-doc", "sqlite3-doc", "python-django-doc", "docker-doc"]
# A paragraph is cut here, in words: the rest says little of what its heading says.
LONGEST = 60


def plain(markup):
    """Text of HTML or Markdown in one line."""
    text = html.unescape(re.sub(r"<[^>]*>", " ", markup)).replace("¶", " ").replace("\u2019", "'")
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"https?://\S+|[`*|]|\s+", " ", text)
    return re.sub(r"\s+([.,;:!?)])", r"\1", re.sub(r"\s+", " ", text)).strip(" .:;–-#")


def start(text):
    """The first words of a text."""
    return " ".join(text.split()[:LONGEST])


def is_prose(text):
    """Whether a text reads like sentences: enough words, most of them of letters."""
    words = text.split()
    return len(words) > 5 and sum(word.strip(".,;:()\"'").isalpha() for word in words) > 0.7 * len(words)


def pages(folder):
    """(blocks) of all pages below a folder: ("h", text), ("p", text), ("dt", text), ("dd", text)."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        if re.search(r"/(whatsnew|changelog|releases?|releaselog|matrix|genindex|_sources|_static)\b", str(path)):
            continue
        if re.search(r"\.md(\.gz)?$", path.name):
            data = gzip.open(path).read() if path.suffix == ".gz" else path.read_bytes()
            text = re.sub(r"```.*?```|^---.*?^---|<!--.*?-->", "\n\n", data.decode(errors="replace"), flags=re.S | re.M)
            parts = re.split(r"\n\s*\n", text)
            yield [("h" if part.lstrip().startswith("#") else "p", plain(part)) for part in parts]
        # Apache's manual has its pages in all languages beside one another, `page.html.en` among them.
        elif path.name.endswith((".html", ".html.en")) and not re.search(r"/manual/[a-z]{2}(-[a-z]{2})?/", str(path).replace("/en/", "/")):
            text = path.read_text(errors="replace")
            text = re.sub(r"<(script|style|pre|nav|table)\b.*?</\1>", " ", text, flags=re.S | re.I)
            found = re.findall(r"<(h[1-6]|p|dt|dd)\b[^>]*>(.*?)(?=</\1>|<(?:h[1-6]|p|dt|dd|ul|ol|div)\b)", text, flags=re.S | re.I)
            yield [("h" if tag[0] in "hH" else tag.lower(), plain(body)) for tag, body in found]


def manual(folder):
    """A heading with its first paragraphs, a term with its explanation, the first sentence of a paragraph with the others."""
    seen = set()
    for blocks in pages(folder):
        title, heading, count = "", "", 0
        for kind, text in blocks:
            if kind in ("h", "dt"):
                heading, count = re.sub(r"^[\dA-Z]?[\d.]*\.\s*", "", text), 0
                title = title or heading
            elif is_prose(text) and text not in seen:
                seen.add(text)
                if heading and count < 2 and len(heading.split()) < 12:
                    yield heading if count == 0 or heading == title else f"{title} {heading}", start(text)
                count += 1
                first, *rest = re.split(r"(?<=[a-z)][.!?]) (?=[A-Z])", text)
                if rest and is_prose(first) and is_prose(" ".join(rest)):
                    yield start(first), start(" ".join(rest))


def words_of(name):
    """`arrow-down-left` -> `arrow down left`"""
    return re.sub(r"[-_]+", " ", name).strip()


def tagged(name, tags):
    """Groups of a name and the words that should find it."""
    tags = [tag for tag in dict.fromkeys(words_of(tag).lower() for tag in tags) if tag and tag != name]
    if tags:
        yield name, " ".join(tags[:12])
        for tag in tags[:8]:
            yield name, tag


def icons(npm):
    """Names of icons and the words by which their makers let people find them."""

    def read(package, file):
        return (npm[package] / file).read_text()

    for name, tags in json.loads(read("lucide-static", "tags.json")).items():
        yield from tagged(words_of(name), tags)
    for name, icon in json.loads(read("@tabler/icons", "icons.json")).items():
        yield from tagged(words_of(name), map(str, icon["tags"]))
    for icon in json.loads(read("@mdi/svg", "meta.json")):
        yield from tagged(words_of(icon["name"]), icon["aliases"])
    for icon in json.loads(read("@carbon/icons", "metadata.json"))["icons"]:
        yield from tagged(words_of(icon.get("friendlyName") or icon["name"]).lower(), icon.get("aliases", []))
    for name, tags in re.findall(r'name: "([^"]+)",.*?tags: \[(.*?)\]', read("@phosphor-icons/core", "dist/index.mjs"), flags=re.S):
        yield from tagged(words_of(name), [tag for tag in re.findall(r'"([^"]+)"', tags) if "*" not in tag])


def emoji_words(npm):
    """Names of emoji with words for them."""
    for entry in json.loads((npm["emojibase-data"] / "en/compact.json").read_text()):
        if len(entry.get("tags", [])) > 1:
            yield entry["label"], " ".join(entry["tags"])
    for names in json.loads((npm["emojilib"] / "dist/emoji-en-US.json").read_text()).values():
        if len(names) > 1:
            yield words_of(names[0]), words_of(" ".join(names[1:]))


def caniuse(package):
    """Features of browsers with what they are and the words by which they are looked for."""
    for feature in json.loads((package / "data.json").read_text())["data"].values():
        title, about, words = plain(feature["title"]), plain(feature["description"]), feature["keywords"].replace(",", " ")
        yield title, about
        yield title, words
        yield words, about


def schema(package):
    """Types and properties of schema.org with their explanations."""
    text = (package / "dist/schema.d.ts").read_text()
    for about, name in re.findall(r"/\*\*(.*?)\*/\s*(?:export type |export interface |export const |export declare type |\")?(\w+)", text, flags=re.S):
        about = plain(re.sub(r"\n\s*\*", " ", about.split("\n\n")[0]))
        words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub(r"(Base|Leaf)$", "", name)).lower()
        if is_prose(about):
            yield words, start(about.split(" See also")[0])
