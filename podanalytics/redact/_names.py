"""The names people go by, and where a text holds them: however written, in linear time, whatever the directory's size.

A text is folded and read word by word; a dictionary tells which names begin with a word. Scripts without blanks between
words are looked up by character instead.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from podanalytics.redact._fold import UNSPACED, WORD, fold, spelled_out
from podanalytics.redact._reading import Reading, Rule, Term, Word
from podanalytics.redact._words import NEVER, PARTICLES, SHY, WORDS

_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|[|].*")
_SPELLED = re.compile(rf"[{UNSPACED}]+")
_BETWEEN = re.compile(rf"(?<=[{UNSPACED}])[\s・·](?=[{UNSPACED}])")
_OPEN_SYLLABLE = re.compile("[\u11a8-\u11ff]")  # what would make another syllable of the last one
_HAN = re.compile("[\u3005\u3400-\u4dbf\u4e00-\u9fff]+")
_SYLLABLES = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]+")
_SHORT, _LONG, _JOINED, _NUMBER = 3, 5, 6, 6
_COUNTED = re.compile(r"([^\W\d_]{5,})\d{1,4}")  # a login that was taken already: amelia2, jbrandt1987


class Names:
    """Terms with whom they may mean. `learn_*` first, then `replace`."""

    def __init__(self) -> None:
        self._terms: dict[Term, tuple[Rule, set[str]]] = {}
        self._spelled: dict[str, set[str]] = defaultdict(set)
        self._index: dict[str, list[Term]] = {}
        self._runs: dict[str, list[str]] = {}

    # --- learning ---------------------------------------------------------------------------------------------------

    def learn_name(self, name: str, who: str) -> None:
        """A display name: the whole, in the orders people write it, and its parts."""
        name = _ASIDE.sub(" ", name)
        if "@" in name:
            self.learn_address(name.strip(), who)
            return
        for written in dict.fromkeys((name, spelled_out(name), re.sub("['’]", "", name))):
            self._learn_words(fold(written)[0], who)
        self._learn_spelled(unicodedata.normalize("NFC", name), who)

    def learn_address(self, address: str, who: str) -> None:
        """An e-mail address, and what stands before its @."""
        self._add(_exact(address), Rule.ANY, who)
        self.learn_id(address.partition("@")[0], who)

    def learn_id(self, id: str, who: str, alone: bool = True) -> None:
        """A handle or a tool's id: behind an @ always, and `alone` where it is no ordinary word."""
        term = _exact(id)
        self._add(term._replace(mention=True), Rule.MENTION, who)
        if alone and (rule := _rule_of_id(term)) is not None:
            self._add(term, rule, who)
        self._learn_spelled(unicodedata.normalize("NFC", id), who)

    def _learn_words(self, folded: str, who: str) -> None:
        words = [w for w in WORD.findall(folded) if not w.isdigit()]
        if len(words) > 1 and not _is_one(folded):
            family = next((n for n, w in enumerate(words) if n and w in PARTICLES), len(words) - 1)
            orders = {(*words,), (words[-1], *words[:-1]), (words[0], words[-1]), (*words[family:],)}
            for order in sorted(order for order in orders if len(order) > 1):
                self._add(Term(order, None), _rule_of_name(words), who)
            if sum(map(len, words)) >= _JOINED:
                self._add(Term(("".join(words),), ()), Rule.ANY, who)
            for term in _shortened(words[0], words[-1]):
                self._add(term, _rule_of_word(words[-1]), who)
        for piece in [folded.strip()] if _is_one(folded) else folded.split():
            parts = WORD.findall(piece)
            if len(parts) > 1:
                self._add(Term((*parts,), None), _rule_of_name(parts), who)
            # `pod-api` may be the name of an account; its parts are anything's.
            if len(parts) == 1 or not _is_one(folded) or "." in piece or "_" in piece:
                for part in parts:
                    self._learn_part(part, who, least=2 if len(parts) == 1 else _SHORT)

    def _learn_part(self, part: str, who: str, least: int) -> None:
        if len(part) >= least and not part.isdigit() and part not in NEVER:
            self._add(Term((part,), ()), _rule_of_word(part), who)

    def _learn_spelled(self, name: str, who: str) -> None:
        if name.isascii():
            return
        pieces = _SPELLED.findall(name)
        for run in {"".join(pieces), *pieces, *(half for piece in pieces for half in _halves(piece))}:
            if len(run) > 1:
                self._spelled[fold(run)[0]].add(who)

    def _add(self, term: Term, rule: Rule, who: str) -> None:
        if term.words:
            known, people = self._terms.setdefault(term, (rule, set()))
            people.add(who)
            self._terms[term] = (min(known, rule), people)

    # --- looking up -------------------------------------------------------------------------------------------------

    def ready(self) -> None:
        """Sort what was learned, so that the longest way to write a name is tried first."""
        self._index, self._runs = defaultdict(list), defaultdict(list)
        for term in sorted(self._terms, key=lambda t: (not t.mention, -sum(map(len, t.words)), t.words, t.gaps or ())):
            self._index[term.words[0]].append(term)
        for run in sorted(self._spelled, key=lambda r: (-len(r), r)):
            self._runs[run[0]].append(run)
        self._index, self._runs = dict(self._index), dict(self._runs)

    def only(self, written: str) -> set[str]:
        """Whom a text means that holds one name and nothing else."""
        term = _exact(written)
        return {who for t in {term, term._replace(gaps=None)} if t in self._terms for who in self._terms[t][1]}

    def replace(self, text: str, label: Callable[[frozenset[str]], str]) -> str:
        """The text with each name given to `label`, which gets everybody it may mean."""
        found = list(self._found(text))
        if not found:
            return text
        pieces, done = [], 0
        for start, end, people in sorted(found, key=lambda f: (f[0], -f[1])):
            if start >= done:
                pieces += [text[done:start], label(frozenset(people))]
                done = end
        return "".join([*pieces, text[done:]])

    def _found(self, text: str) -> Iterator[tuple[int, int, set[str]]]:
        folded, starts = fold(text)
        written = WORD.findall(folded)
        written += [word[:-1] for word in written if word[-1] == "s"]
        written += [counted[1] for word in written if (counted := _COUNTED.fullmatch(word))]
        if self._index.keys().isdisjoint(written) and text.isascii() and "\\" not in text:
            return
        read = Reading(text, folded, starts, [Word(m[0], m.start(), m.end()) for m in WORD.finditer(folded)])
        index, at = self._index, 0
        while at < len(read.words):
            count = 1
            word = read.words[at]
            if terms := index.get(word.text):
                if hit := self._hit(read, terms, at):
                    count = len(hit.words)
                    last = read.words[at + count - 1]
                    yield starts[word.start], starts[last.end], self._terms[hit][1]
            elif hit := self._within(read, word):
                start = word.start + int(not word.text.startswith(hit.words[0]))
                yield starts[start], starts[word.end], self._terms[hit][1]
            at += count
        if self._runs and not text.isascii():
            yield from self._found_spelled(folded, starts)

    def _hit(self, read: Reading, terms: list[Term], at: int) -> Term | None:
        return next((t for t in terms if read.holds(t, at) and read.means(self._terms[t][0], t, at)), None)

    def _within(self, read: Reading, word: Word) -> Term | None:
        """A name in a word: behind an escaped line break, before a genitive's s (Müllers) or a number."""
        counted = _COUNTED.fullmatch(word.text)
        inside = word.text[1:] if read.escaped(word) else word.text[:-1] if read.owning(word) else ""
        inside = counted[1] if counted else inside
        found = Term((inside,), ())
        return found if found in self._terms and self._terms[found][0] is Rule.ANY else None

    def _found_spelled(self, folded: str, starts: Sequence[int]) -> Iterator[tuple[int, int, set[str]]]:
        blanks = {m.start() for m in _BETWEEN.finditer(folded)}
        places = [at for at in range(len(folded)) if at not in blanks]
        close, at = "".join(folded[at] for at in places), 0
        while at < len(close):
            run = next((r for r in self._runs.get(close[at], ()) if close.startswith(r, at)), "")
            end = at + len(run)
            if run and not _OPEN_SYLLABLE.match(close, end):
                yield starts[places[at]], starts[places[end - 1] + 1], self._spelled[run]
            at = max(end, at + 1)


def _exact(text: str) -> Term:
    """A handle, id or address, with what stands between its words just as it is."""
    folded = fold(text)[0]
    words = list(WORD.finditer(folded))
    return Term(tuple(w[0] for w in words), tuple(folded[a.end() : b.start()] for a, b in pairwise(words)))


def _rule_of_word(word: str) -> Rule:
    return Rule.SHY if word in SHY else Rule.CAPITAL if word in WORDS else Rule.ANY


def _rule_of_name(words: Sequence[str]) -> Rule:
    ordinary = all(w in NEVER or w in SHY or w in WORDS for w in words)
    return Rule.CAPITAL if ordinary or sum(map(len, words)) <= _SHORT else Rule.ANY


def _rule_of_id(term: Term) -> Rule | None:
    """None: only behind an @."""
    letters = "".join(term.words)
    if letters.isdigit():
        return Rule.ANY if len(letters) >= _NUMBER else None
    if len(letters) < _SHORT or all(w in NEVER or w in SHY for w in term.words):
        return None
    return _rule_of_name(term.words) if len(term.words) > 1 else _rule_of_word(letters)


def _shortened(first: str, last: str) -> Iterator[Term]:
    """How one writes a name with an initial: J. Brandt, Jana B., j.brandt, and as logins are made: jbrandt, brandtj."""
    if len(first) < 2 or len(last) < _SHORT or last in NEVER or last in SHY:
        return
    for gap in (". ", ".", " ", "_", "-"):
        yield Term((first[0], last), (gap,))
    if len(last) >= _LONG and last not in WORDS and (joined := first[0] + last) not in WORDS | NEVER | SHY:
        yield Term((joined,), ())
        yield Term((last + first[0],), ())


def _is_one(name: str) -> bool:
    return len(name.split()) == 1


def _halves(piece: str) -> Sequence[str]:
    """Family and given name of a name written without a blank, by the usual lengths: 山田 太郎, 王 小明, 김 민수."""
    if len(piece) == 4 and _HAN.fullmatch(piece):
        return piece[:2], piece[2:]
    return (piece[1:],) if len(piece) == 3 and _SYLLABLES.fullmatch(piece) else ()
