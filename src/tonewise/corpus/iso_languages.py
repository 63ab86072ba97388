"""Languages as corpora name them: BCP-47 wants the two letters of ISO 639-1 where a language has them."""

from __future__ import annotations

from typing import Any

from tonewise.transcripts import json_text

# ISO 639-2/3 codes and English names of the languages that speech corpora are in; both codes where there are two.
_CODES = """
afr:af amh:am ara:ar aze:az bel:be ben:bn bul:bg cat:ca ces:cs cze:cs cym:cy wel:cy dan:da deu:de ger:de ell:el
gre:el eng:en est:et eus:eu baq:eu fas:fa per:fa fin:fi fra:fr fre:fr gle:ga glg:gl guj:gu heb:he hin:hi hrv:hr
hun:hu hye:hy arm:hy ind:id isl:is ice:is ita:it jpn:ja kan:kn kat:ka geo:ka kaz:kk khm:km kor:ko lat:la lav:lv
lit:lt mal:ml mar:mr mkd:mk mac:mk mlt:mt msa:ms may:ms mya:my bur:my nep:ne nld:nl dut:nl nor:no nob:nb nno:nn
pan:pa pol:pl por:pt ron:ro rum:ro rus:ru slk:sk slo:sk slv:sl spa:es sqi:sq alb:sq srp:sr swa:sw swe:sv tam:ta
tel:te tgl:tl tha:th tur:tr ukr:uk urd:ur uzb:uz vie:vi zho:zh chi:zh cmn:zh english:en german:de french:fr
spanish:es italian:it russian:ru polish:pl portuguese:pt dutch:nl turkish:tr arabic:ar hindi:hi urdu:ur japanese:ja
korean:ko chinese:zh mandarin:zh armenian:hy amharic:am swedish:sv
"""
_SHORT = dict(pair.split(":") for pair in _CODES.split())


def language_tag(value: Any) -> str | None:
    """A BCP-47 tag of a tag, an ISO 639-3 code or an English name; None where it is none of these."""
    return _SHORT.get(json_text.string(value).lower()) or json_text.language_tag(value)
