"""The languages of Jira's CSV: how it names its columns and months, and its own way of writing the form of a date.

Columns of other languages, or of a Jira that was translated otherwise, are named in the declaration.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from podanalytics.model import Precision

# What is read of a row, and the headers it may stand under: English, German, Spanish, French.
COLUMNS: dict[str, tuple[str, ...]] = {
    "key": ("Issue key", "Vorgangsschlüssel", "Vorgangs-Schlüssel", "Clave de incidencia", "Clé de ticket"),
    "id": (
        "Issue id",
        "Vorgangs-ID",
        "ID de la incidencia",
        "ID de incidencia",
        "ID du ticket",
        "ID de ticket",
        "Identifiant de ticket",
    ),
    "summary": ("Summary", "Zusammenfassung", "Resumen", "Résumé"),
    "type": ("Issue Type", "Vorgangstyp", "Tipo de Incidencia", "Type de ticket"),
    "status": ("Status", "Estado", "État", "Statut"),
    "priority": ("Priority", "Priorität", "Prioridad", "Priorité"),
    "assignee": (
        "Assignee",
        "Zugewiesene Person",
        "Bearbeiter",
        "Responsable",
        "Persona asignada",
        "Personne assignée",
    ),
    "assignee id": (
        "Assignee Id",
        "Zugewiesene Person Id",
        "Bearbeiter-ID",
        "Responsable Id",
        "Persona asignada Id",
        "Personne assignée Id",
    ),
    "reporter": ("Reporter", "Autor", "Melder", "Informador", "Rapporteur"),
    "reporter id": ("Reporter Id", "Autor Id", "Melder Id", "Informador Id", "Rapporteur Id"),
    "creator": ("Creator", "Ersteller", "Creador", "Créateur"),
    "creator id": ("Creator Id", "Ersteller Id", "Creador Id", "Créateur Id"),
    "created": ("Created", "Erstellt", "Creada", "Création", "Créé", "Créée"),
    "updated": ("Updated", "Aktualisiert", "Actualizada", "Mise à jour", "Mis à jour"),
    "resolved": ("Resolved", "Erledigt", "Gelöst", "Resuelta", "Résolu", "Résolue"),
    "due": ("Due date", "Fälligkeitsdatum", "Fällig", "Fecha de vencimiento", "Échéance", "Date d'échéance"),
    "description": ("Description", "Beschreibung", "Descripción"),
    "labels": ("Labels", "Stichwörter", "Etiquetas", "Étiquettes"),
    "comment": ("Comment", "Comments", "Kommentar", "Kommentare", "Comentario", "Comentarios", "Commentaire"),
    "severity": ("Severity", "Custom field (Severity)", "Campo personalizado (Severidad)"),
    "parent": ("Parent key", "Übergeordneter Schlüssel", "Clave principal", "Clé parent"),
}
# Links are in columns of their own that say which: "Outward issue link (Blocks)".
LINKS = re.compile(r"(?i)^(?:inward|outward) issue link \((?P<words>.+)\)$")

_MONTHS: dict[str, str] = {
    "en": "january february march april may june july august september october november december",
    "de": "januar februar märz april mai juni juli august september oktober november dezember",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
}
_SHORTENED = {"de": {"mrz": 3, "jän": 1}, "nl": {"mrt": 3}, "en": {}, "es": {"set": 9}, "fr": {}, "it": {}, "pt": {}}
LANGUAGES = tuple(_MONTHS)
_AFTERNOON = {"am": 0, "pm": 12, "vorm": 0, "nachm": 12}
_LETTERS = re.compile(r"([A-Za-z])\1*|'[^']*'|[^A-Za-z']+")
_PARTS = {
    "y": r"(?P<y>\d{4}|\d{2})",
    "d": r"(?P<d>\d{1,2})",
    "H": r"(?P<H>\d{1,2})",
    "h": r"(?P<h>\d{1,2})",
    "m": r"(?P<m>\d{2})",
    "s": r"(?P<s>\d{2})",
    "a": r"(?P<a>[^\W\d]\.?\s?[^\W\d]\.?|vorm\.?|nachm\.?)",
}
_NUMBER, _NAME = r"(?P<M>\d{1,2})", r"(?P<N>[^\W\d]+\.?)"


def folded(text: str) -> str:
    """A word without case, accents and dots: "Août." is "aout"."""
    plain = unicodedata.normalize("NFKD", text.replace(".", "").casefold())
    return "".join(c for c in plain if not unicodedata.combining(c)).strip()


def columns_of(header: Iterable[str], own: dict[str, tuple[str, ...]]) -> dict[str, list[int]]:
    """Which places hold what: by the declaration's own names, else by those of Jira's languages, whatever their case.

    A header that comes again is one more place of the same thing: `Comment`, `Labels`, `Watchers`.
    """
    named = [(header, what) for words in (COLUMNS, own) for what, headers in words.items() for header in headers]
    names = {folded(header): what for header, what in named}
    found: dict[str, list[int]] = {}
    for place, name in enumerate(header):
        if what := names.get(folded(name)):
            found.setdefault(what, []).append(place)
    return found


def month_of(name: str, language: str) -> int:
    """The number of a month by its name, whole or shortened to three letters or more. Raises ValueError.

    >>> month_of("juil.", "fr"), month_of("Mrz", "de"), month_of("jul", "es"), month_of("Sept", "en")
    (7, 3, 7, 9)
    """
    word = folded(name)
    known = {folded(short): number for short, number in _SHORTENED[language].items()}
    if word in known:
        return known[word]
    months = [folded(month) for month in _MONTHS[language].split()]
    found = [number for number, month in enumerate(months, 1) if len(word) > 2 and month.startswith(word)]
    if len(found) != 1:
        raise ValueError(f"{name!r} is no month in {language!r}")
    return found[0]


@dataclass(frozen=True, slots=True)
class DateForm:
    """A form of dates in Jira's own notation (that of Java): `d/MMM/yy h:mm a`, `dd.MM.yyyy HH:mm`, `yyyy-MM-dd`."""

    written: str
    pattern: re.Pattern[str]
    precision: Precision

    @classmethod
    def of(cls, written: str) -> DateForm:
        """Raises ValueError for a form that does not tell the date, or has a letter that is not known."""
        parts, letters = [], set()
        for hit in _LETTERS.finditer(written):
            letter, text = hit[1], hit[0]
            if letter is None:
                parts.append(r"\s+" if text.isspace() else re.escape(text.strip("'")))
            elif letter == "M":
                parts.append(_NAME if len(text) > 2 else _NUMBER)
            elif letter in _PARTS and letter not in letters:
                parts.append(_PARTS[letter])
            else:
                raise ValueError(f"the form of dates {written!r}: {text!r} is not known; known: y M d H h m s a")
            letters.add(letter)
        if not {"y", "M", "d"} <= letters or ("h" in letters) != ("a" in letters):
            raise ValueError(f"the form of dates {written!r} does not tell the day, or h without a")
        fine = Precision.SECOND if "s" in letters else Precision.MINUTE if "m" in letters else Precision.DAY
        return cls(written, re.compile("".join(parts)), fine)

    def read(self, text: str, language: str) -> datetime | None:
        """The wall-clock time that a text in this form says; None for one in another form, or no such day."""
        hit = self.pattern.fullmatch(text.strip())
        if hit is None:
            return None
        found = hit.groupdict()
        year = int(found["y"]) + (2000 if len(found["y"]) == 2 else 0)
        try:
            month = int(found["M"]) if found.get("M") else month_of(found["N"], language)
            hour = int(found.get("H") or 0) if not found.get("h") else _hour(int(found["h"]), found["a"])
            return datetime(  # noqa: DTZ001 - its zone is declared elsewhere
                year, month, int(found["d"]), hour, int(found.get("m") or 0), int(found.get("s") or 0)
            )
        except ValueError:
            return None


def _hour(of_twelve: int, half: str) -> int:
    """The hour of the day: 12 AM is midnight. Raises ValueError for a word that names no half of a day."""
    after = _AFTERNOON.get(folded(half).replace(" ", ""))
    if after is None or not 1 <= of_twelve <= 12:
        raise ValueError(f"{of_twelve} {half} is no hour")
    return of_twelve % 12 + after
