"""Chat forms: how people shorten words when they type ("wat time u close", "pls", "thx"), and what they stand for.

A closed list for each language. A form that the catalog itself uses is left as it is.
"""

from collections.abc import Mapping

_LISTED = {
    "en": "u=you ya=you yu=you ur=your yr=your yor=your urs=yours urself=yourself r=are y=why n=and da=the "
    "dat=that dis=this wat=what wut=what wot=what wats=what's wots=what's whats=what's wuts=what's wen=when "
    "wher=where whr=where wheres=where's hows=how's whos=who's wich=which witch_one=which_one hw_r=how_are "
    "hw_do=how_do hw_much=how_much hw_many=how_many hw_long=how_long pls=please plz=please plse=please "
    "pleez=please plx=please thx=thanks thnx=thanks thanx=thanks tnx=thanks tks=thanks ty=thank_you "
    "tysm=thank_you_so_much sry=sorry soz=sorry kk=ok cuz=because coz=because bcos=because "
    "bcoz=because b4=before gr8=great l8=late l8r=later m8=mate 2day=today 2moro=tomorrow 2morrow=tomorrow "
    "2mrw=tomorrow tmrw=tomorrow tmr=tomorrow tmrow=tomorrow tomoz=tomorrow 2nite=tonight tonite=tonight "
    "4_u=for_you 4_ur=for_your 4_me=for_me 4_us=for_us 4_a=for_a 4_an=for_an 4_the=for_the 4_my=for_my "
    "wanna=want_to gonna=going_to gotta=have_to lemme=let_me gimme=give_me dunno=don't_know "
    "idk=i_don't_know ive=i've abt=about bout=about thru=through nite=night lite=light "
    "xmas=christmas wknd=weekend wkend=weekend bday=birthday ppl=people msg=message hrs=hours mins=minutes "
    "secs=seconds yrs=years wks=weeks tix=tickets addy=address becos=because cud=could wud=would "
    "shud=should tho=though luv=love hiya=hi heya=hey",
    "de": "bidde=bitte büdde=bitte biddeschön=bitte pls=bitte plz=bitte thx=danke dnke=danke "
    "vllt=vielleicht vlt=vielleicht viell=vielleicht gibts=gibt_es gibt's=gibt_es hats=hat_es wirds=wird_es "
    "kanns=kann_es gehts=geht_es geht's=geht_es kostets=kostet_es wieviel=wie_viel wieviele=wie_viele "
    "wo's=wo_ist nich=nicht nix=nichts iss=ist hab=habe hamm=haben ham=haben habt's=habt "
    "hamse=haben_sie habense=haben_sie könnse=können_sie kannste=kannst_du haste=hast_du biste=bist_du "
    "nen=einen nem=einem ner=einer 'ne=eine u=und od=oder evtl=eventuell bzgl=bezüglich heut=heute w8=warte "
    "tel=telefonnummer wg=wegen ca=circa std=stunden mins=minuten öffis=öffentliche_verkehrsmittel "
    "auf'm=auf_dem aufm=auf_dem jez=jetzt jetz=jetzt etz=jetzt",
}
"""Forms by language; `_` stands between words."""

_LONGEST = 2
"""Most words of a form."""


def _spelled(listed: str) -> dict[tuple[str, ...], tuple[str, ...]]:
    pairs = (pair.split("=") for pair in listed.split())
    return {tuple(form.split("_")): tuple(meant.split("_")) for form, meant in pairs}


_FORMS = {language: _spelled(listed) for language, listed in _LISTED.items()}

_STARTS = {language: frozenset(form[0] for form in forms) for language, forms in _FORMS.items()}


def spelled_out(text: str, *, language: str, own: Mapping[str, int] | frozenset[str]) -> str:
    """Return a normalised text with the chat forms of the language spelled out, but for the catalog's `own` words."""
    forms = _FORMS.get(language)
    if forms is None:
        return text
    typed = text.split()
    if _STARTS[language].isdisjoint(typed):
        return text
    read: list[str] = []
    at = 0
    while at < len(typed):
        count = next(
            (size for size in range(min(_LONGEST, len(typed) - at), 0, -1) if tuple(typed[at : at + size]) in forms), 0
        )
        form = tuple(typed[at : at + count])
        if count and not (count == 1 and (form[0] in own or _counted(typed, at))):
            read += forms[form]
            at += count
        else:
            read.append(typed[at])
            at += 1
    return " ".join(read)


def _counted(typed: list[str], at: int) -> bool:
    """Return whether a single letter stands beside a number: line U 3, gate R 12."""
    beside = typed[max(0, at - 1) : at] + typed[at + 1 : at + 2]
    return len(typed[at]) == 1 and any(word.isdecimal() for word in beside)
