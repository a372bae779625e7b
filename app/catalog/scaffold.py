"""Scaffold of a new catalog: its settings, a presenter, and first words for every role, in several languages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.catalog.imports.words import language_of_tag
from app.catalog.model import Role

_Words = Mapping[Role, tuple[str, str]]
"""Title and words of each role; the idle loop has no words."""

_WORDS: Mapping[str, _Words] = {
    "en": {
        Role.GREETING: ("Welcome", "Hello and welcome. What would you like to know?"),
        Role.IDLE: ("Listening", ""),
        Role.HOLDING: ("One moment", "One moment please, I am looking that up."),
        Role.CLARIFY: ("Did you mean", "Did you mean one of these?"),
        Role.UNCLEAR: ("Not understood", "I do not know that one. Could you say it in other words?"),
        Role.APOLOGY: ("Something went wrong", "I am sorry, something went wrong. Please ask me again."),
        Role.HANDOVER: ("Somebody who can help", "I cannot help you with that. Please ask one of my colleagues."),
        Role.FAREWELL: ("Goodbye", "Goodbye, and come again soon."),
    },
    "de": {
        Role.GREETING: ("Willkommen", "Hallo und herzlich willkommen. Was möchten Sie wissen?"),
        Role.IDLE: ("Zuhören", ""),
        Role.HOLDING: ("Einen Moment", "Einen Moment bitte, ich sehe nach."),
        Role.CLARIFY: ("Meinten Sie", "Meinten Sie eines davon?"),
        Role.UNCLEAR: ("Nicht verstanden", "Das weiß ich leider nicht. Können Sie es anders sagen?"),
        Role.APOLOGY: ("Etwas ging schief", "Da ging leider etwas schief. Fragen Sie mich bitte noch einmal."),
        Role.HANDOVER: (
            "Jemand, der hilft",
            "Dabei kann ich nicht helfen. Bitte fragen Sie jemanden aus unserem Team.",
        ),
        Role.FAREWELL: ("Auf Wiedersehen", "Auf Wiedersehen, und bis bald."),
    },
    "fr": {
        Role.GREETING: ("Bienvenue", "Bonjour et bienvenue. Que voulez-vous savoir ?"),
        Role.IDLE: ("À l’écoute", ""),
        Role.HOLDING: ("Un instant", "Un instant, je regarde cela pour vous."),
        Role.CLARIFY: ("Vouliez-vous dire", "Vouliez-vous dire l’un de ceux-ci ?"),
        Role.UNCLEAR: ("Pas compris", "Je ne le sais pas. Pouvez-vous le dire autrement ?"),
        Role.APOLOGY: ("Un problème", "Pardon, quelque chose n’a pas marché. Posez-moi la question encore une fois."),
        Role.HANDOVER: ("Quelqu’un qui aide", "Je ne peux pas vous aider pour cela. Adressez-vous à notre équipe."),
        Role.FAREWELL: ("Au revoir", "Au revoir, et à bientôt."),
    },
    "es": {
        Role.GREETING: ("Bienvenida", "Hola y bienvenidos. ¿Qué les gustaría saber?"),
        Role.IDLE: ("Escucha", ""),
        Role.HOLDING: ("Un momento", "Un momento, por favor, voy a mirarlo."),
        Role.CLARIFY: ("Quería decir", "¿Se refería a uno de estos?"),
        Role.UNCLEAR: ("No entendido", "Eso no lo sé. ¿Puede decirlo con otras palabras?"),
        Role.APOLOGY: ("Algo falló", "Lo siento, algo ha fallado. Pregúnteme otra vez, por favor."),
        Role.HANDOVER: ("Alguien que ayuda", "En eso no puedo ayudarle. Pregunte a nuestro equipo."),
        Role.FAREWELL: ("Adiós", "Adiós, y hasta pronto."),
    },
    "it": {
        Role.GREETING: ("Benvenuti", "Salve, e benvenuti. Che cosa volete sapere?"),
        Role.IDLE: ("In ascolto", ""),
        Role.HOLDING: ("Un momento", "Un momento, per favore, controllo subito."),
        Role.CLARIFY: ("Intendeva", "Intendeva uno di questi?"),
        Role.UNCLEAR: ("Non capito", "Questo non lo so. Può dirlo con altre parole?"),
        Role.APOLOGY: ("Un problema", "Mi dispiace, qualcosa è andato storto. Me lo chieda di nuovo, per favore."),
        Role.HANDOVER: ("Qualcuno che aiuta", "In questo non posso aiutare. Chieda al nostro personale."),
        Role.FAREWELL: ("Arrivederci", "Arrivederci, a presto."),
    },
    "nl": {
        Role.GREETING: ("Welkom", "Hallo en welkom. Wat wilt u weten?"),
        Role.IDLE: ("Luistert", ""),
        Role.HOLDING: ("Een ogenblik", "Een ogenblik, ik zoek het even op."),
        Role.CLARIFY: ("Bedoelde u", "Bedoelde u een van deze?"),
        Role.UNCLEAR: ("Niet begrepen", "Dat weet ik niet. Kunt u het anders zeggen?"),
        Role.APOLOGY: ("Er ging iets mis", "Het spijt me, er ging iets mis. Vraag het me nog een keer."),
        Role.HANDOVER: ("Iemand die helpt", "Daarmee kan ik u niet helpen. Vraag het aan iemand van ons team."),
        Role.FAREWELL: ("Tot ziens", "Tot ziens, en tot gauw."),
    },
    "pt": {
        Role.GREETING: ("Boas-vindas", "Olá e boas-vindas. O que gostaria de saber?"),
        Role.IDLE: ("À escuta", ""),
        Role.HOLDING: ("Um momento", "Um momento, por favor, vou verificar."),
        Role.CLARIFY: ("Quis dizer", "Quis dizer um destes?"),
        Role.UNCLEAR: ("Não entendido", "Isso eu não sei. Pode dizer de outra forma?"),
        Role.APOLOGY: ("Algo correu mal", "Lamento, algo correu mal. Pergunte-me outra vez, por favor."),
        Role.HANDOVER: ("Alguém que ajuda", "Nisso não posso ajudar. Fale com a nossa equipa."),
        Role.FAREWELL: ("Até logo", "Até logo, e volte sempre."),
    },
}
"""First words, written for this file; an author rewrites them."""

_DISCLOSURE = {
    "en": "{name} is an AI-generated presenter.",
    "de": "{name} wurde mit künstlicher Intelligenz erzeugt.",
    "fr": "Les vidéos de {name} sont générées par intelligence artificielle.",
    "es": "Los vídeos de {name} están generados con inteligencia artificial.",
    "it": "I video di {name} sono generati con l’intelligenza artificiale.",
    "nl": "De video’s van {name} zijn met kunstmatige intelligentie gemaakt.",
    "pt": "Os vídeos de {name} são gerados com inteligência artificial.",
}

LANGUAGES = tuple(_WORDS)
"""Languages in which a new catalog speaks at once."""

ROLE_IDS = frozenset(role.value for role in _WORDS["en"])
"""Ids that the scaffold uses."""

_STARTER_LANGUAGES = ("en", "de")
_PACKS = ("small-talk", "urgent")


@dataclass(frozen=True, slots=True)
class NewCatalog:
    """New catalog as its author wants it."""

    name: str
    locales: tuple[str, ...]
    """The first one is the default."""
    avatar: str
    spoken_here: tuple[str, ...] = ("en",)
    """Languages that the local voice speaks."""
    voice: Mapping[str, Any] = field(default_factory=dict)
    """Voice of the other languages."""
    addable: tuple[str, ...] = ()
    """Languages that the local voice can be taught, for nothing."""

    @property
    def waiting(self) -> tuple[str, ...]:
        """Return the locales that are answered in text until the local voice has been taught their language."""
        taught = (self.spoken_here, self.addable)
        languages = {one: language_of_tag(one) for one in self.locales[1:]}
        return tuple(one for one, language in languages.items() if language not in taught[0] and language in taught[1])

    @property
    def foreign(self) -> tuple[str, ...]:
        """Return the locales that the local voice does not speak, and cannot be taught."""
        known = {*self.spoken_here, *map(language_of_tag, self.waiting)}
        return tuple(one for one in self.locales if language_of_tag(one) not in known)

    @property
    def unwritten(self) -> tuple[str, ...]:
        """Return the locales in which there are no first words."""
        return tuple(one for one in self.locales if language_of_tag(one) not in LANGUAGES)


def scaffold(new: NewCatalog, *, played: frozenset[Role] = frozenset()) -> dict[str, dict[str, Any]]:
    """Return the files of a new catalog by name; roles that are `played` already get none."""
    default = language_of_tag(new.locales[0])
    packs = _PACKS if default in _STARTER_LANGUAGES else ()
    settings: dict[str, Any] = {"name": new.name, "default_locale": new.locales[0], "locales": list(new.locales)}
    settings |= {"written": list(new.waiting)} if new.waiting else {}
    settings |= {"avatar": new.avatar} | ({"starter": list(packs)} if packs else {})
    files = {"catalog.yaml": settings, f"avatars/{new.avatar}.yaml": _avatar(new)}
    for role in _WORDS["en"]:
        left_to_pack = role is Role.FAREWELL and packs
        if role not in played and not left_to_pack:
            files |= _role(role, new.locales)
    return files


def _avatar(new: NewCatalog) -> dict[str, Any]:
    name = new.avatar.replace("-", " ").title()
    tags = {one: language_of_tag(one) for one in new.locales}
    return {
        "name": name,
        "portrait": f"{new.avatar}.png",
        "voice": _voice(new),
        "renderers": ["local"],
        "disclosure": {one: _DISCLOSURE[tag].format(name=name) for one, tag in tags.items() if tag in _DISCLOSURE},
        "consent": {"subject": name, "kind": "synthetic"},
    }


def _voice(new: NewCatalog) -> dict[str, Any]:
    """Return one voice, or one a locale where the local voice speaks some of them only."""
    by_locale = {one: dict(new.voice) if one in new.foreign else {"speech": "local"} for one in new.locales}
    return by_locale if 0 < len(new.foreign) < len(new.locales) else by_locale[new.locales[0]]


def _role(role: Role, locales: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Return the file of a role; none where nothing can be said in the default locale."""
    words = {one: _WORDS[tag][role] for one in locales if (tag := language_of_tag(one)) in _WORDS}
    if role is not Role.IDLE and locales[0] not in words:
        return {}
    title = words.get(locales[0], _WORDS["en"][role])[0]
    answer = {one: [said] for one, (_, said) in words.items() if said}
    content: dict[str, Any] = {"title": title, "role": role.value} | ({"answer": answer} if answer else {})
    return {f"roles/{role.value}.yaml": content}
