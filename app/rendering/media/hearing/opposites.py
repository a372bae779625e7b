"""Words that turn an answer over when one is heard for the other: opposites, and words with `un-` and the like."""

from typing import Final

from rapidfuzz.distance import Levenshtein

_PAIRS: Final = (
    # English
    "open opens opened opening / closed close closes closing shut shuts", "indoors indoor / outdoors outdoor",
    "inside / outside", "upstairs / downstairs", "up / down", "above / below", "left / right", "before / after",
    "first / last", "earlier early / later late", "free / paid", "entrance entry / exit", "arrival / departure",
    "allowed permitted welcome / forbidden prohibited banned", "always / sometimes rarely", "more / less fewer",
    "most / least", "north / south", "east / west", "hot warm / cold cool", "push / pull", "cheap cheaper / expensive",
    "today / tomorrow yesterday", "on / off", "start starts begin begins / end ends finish finishes",
    "adults adult / children child", "front / back", "full / empty", "with / without",
    # German
    "offen geöffnet öffnet öffnen / geschlossen schließt schließen schliesst schliessen",
    "drinnen innen / draußen außen",
    "oben hinauf rauf / unten hinunter runter", "links linken linke / rechts rechten rechte",
    "vor vorher / nach nachher", "eingang / ausgang", "früher / später", "erlaubt gestattet / verboten untersagt",
    "mehr / weniger", "mit / ohne",
    "kostenlos gratis / kostenpflichtig", "warm heiß / kalt", "heute / morgen gestern", "erste / letzte",
    "beginnt beginnen / endet enden", "immer / selten", "erwachsene / kinder", "norden / süden", "osten / westen",
    "ankunft / abfahrt", "drücken / ziehen", "voll / leer", "vorne / hinten", "billig / teuer",
    # Spanish
    "abierto abierta abiertos abiertas abre abren abrimos / cerrado cerrada cerrados cerradas cierra cierran cerramos",
    "dentro interior / fuera exterior", "arriba / abajo", "izquierda / derecha", "antes / después", "entrada / salida",
    "permitido permitida permite / prohibido prohibida prohíbe", "sube suba subir / baja baje bajar", "más / menos",
    "caliente / frío fría", "hoy / ayer", "empieza empiezan / termina terminan", "siempre / raramente", "norte / sur",
    "adultos / niños", "con / sin", "primero primera / último última", "llegada / salida", "lleno / vacío",
    # French
    "ouvert ouverte ouverts ouvertes ouvre ouvrent ouvrons / fermé fermée fermés fermées ferme ferment fermons",
    "dedans intérieur / dehors extérieur", "haut / bas", "gauche / droite", "avant / après", "entrée / sortie",
    "autorisé autorisée permis permise / interdit interdite", "gratuit gratuite / payant payante", "plus / moins",
    "montez monter / descendez descendre", "chaud chaude / froid froide", "hier / demain", "commence / finit termine",
    "toujours / rarement", "nord / sud", "adultes / enfants", "avec / sans", "arrivée / départ", "plein / vide",
    # Italian
    "aperto aperta aperti aperte apre aprono apriamo / chiuso chiusa chiusi chiuse chiude chiudono chiudiamo",
    "interno / esterno", "dentro / fuori", "sopra / sotto", "sinistra / destra", "prima / dopo", "ingresso / uscita",
    "entrata / uscita", "permesso consentito consentita / vietato vietata", "gratuito gratuita / pagamento",
    "salire salite sali / scendere scendete scendi", "caldo calda / freddo fredda", "oggi / ieri domani", "più / meno",
    "inizia comincia / finisce termina", "sempre / raramente", "adulti / bambini", "con / senza", "arrivo / partenza",
    "pieno / vuoto", "nord / sud",
)  # fmt: skip

_SIDES: Final = tuple(tuple(frozenset(side.split()) for side in pair.split("/")) for pair in _PAIRS)

_PREFIXES: Final = ("un", "in", "im", "il", "ir", "dis", "des", "non", "nicht", "miss")
_LEAST_STEM = 4
_SAME_STEM = 0.8


def are_opposites(said: str, heard: str) -> bool:
    """Return whether one word says the opposite of the other, in any of the languages."""
    return any(
        (said in one and heard in other) or (said in other and heard in one)
        for one, other in _SIDES
        if said in one or said in other
    )


def is_turned(said: str, heard: str) -> bool:
    """Return whether one word is the other with `un-`, `in-`, `im-`, `dis-` or `non-` before it."""
    return _is_negated(said, heard) or _is_negated(heard, said)


def _is_negated(word: str, stem: str) -> bool:
    return any(
        word.startswith(prefix)
        and len(word) - len(prefix) >= _LEAST_STEM
        and not stem.startswith(prefix)
        and Levenshtein.normalized_similarity(word.removeprefix(prefix), stem) >= _SAME_STEM
        for prefix in _PREFIXES
    )
