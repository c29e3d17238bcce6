"""A signed agreement on paper: the same record gives the same bytes, on every day and machine.

What people wrote goes in as data and is never read as markup; the fonts are those that come with
the typesetter.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import typst
from django.utils.translation import gettext as say
from django.utils.translation import override

SHEET = b"""
#let d = json(bytes(sys.inputs.data))
#set document(title: d.title, author: d.name, date: auto)
#set page(paper: "a4", margin: (x: 24mm, y: 22mm), footer: context [
  #set text(size: 8pt, fill: luma(90))
  #d.footer #h(1fr) #counter(page).display("1 / 1", both: true)
])
#set text(font: "Libertinus Serif", size: 11pt, lang: d.language)
#set par(justify: false, leading: 0.7em, spacing: 1.1em)
#show heading: set block(below: 1em)
= #d.title
#for part in d.paragraphs {
  par(part.split("\\n").map(line => [#line]).join(linebreak()))
}
#v(1em)
#block(breakable: false, width: 100%, stroke: (top: 0.5pt + luma(150)), inset: (top: 1em))[
  == #d.signed
  #grid(columns: (auto, 1fr), column-gutter: 1.5em, row-gutter: 0.8em,
    ..d.facts.map(((name, value)) => (
      text(fill: luma(90), name),
      if value.len() == 64 and not value.contains(" ") {
        text(font: "DejaVu Sans Mono", size: 8pt, value)
      } else { [#value] },
    )).flatten())
]
"""


@dataclass(frozen=True, slots=True)
class Copy:
    """What is printed: the words that were signed, and the record of the signature."""

    language: str
    title: str
    paragraphs: tuple[str, ...]
    agreement: str
    version: int
    signature: str
    account: str
    name: str
    digest: str
    at: datetime


def drawn(copy: Copy) -> bytes:
    """The copy as a PDF, in the language of what was signed."""
    with override(copy.language):
        data = {
            "title": copy.title,
            "language": copy.language,
            "name": copy.name,
            "paragraphs": copy.paragraphs,
            "signed": say("Signed"),
            "footer": f"{copy.agreement} · {copy.version} · {copy.signature}",
            "facts": [
                (say("Name, as typed"), copy.name),
                (say("When"), f"{copy.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"),
                (say("Account"), copy.account),
                (say("Agreement"), f"{copy.agreement}, {say('version')} {copy.version}"),
                (say("Reference"), copy.signature),
                (say("SHA-256 of title and text"), copy.digest),
            ],
        }
    made: bytes = typst.compile(
        SHEET,
        sys_inputs={"data": json.dumps(data)},
        ignore_system_fonts=True,
        font_paths=[],
        timestamp=int(copy.at.timestamp()),
    )
    return made
