"""What the page's own style and script use exists in browsers of 2020 (Chrome 80, Firefox 78): looked up in a table."""

from __future__ import annotations

import re

import pytest
from conftest import ROOT

STATIC, PAGES = ROOT / "toolkit/web/static", ROOT / "toolkit/web/pages"
#: Feature → how it is written, and since when Chrome and Firefox have it. Optional chaining and ?? are in both (80, 72 to 74).
STYLE = {
    ":is() (88, 78)": r":is\(",
    ":where() (88, 78)": r":where\(",
    ":has() (105, 121)": r":has\(",
    "a list in :not() (88, 84)": r":not\([^()]*,",
    ":focus-visible (86, 85)": r":focus-visible",
    ":user-invalid (119, 88)": r":user-(?:in)?valid",
    "gap of flex (84, 63)": r"(?<![-\w])gap\s*:",
    "inset (87, 66)": r"(?<![-\w])inset(?:-\w+)*\s*:",
    "aspect-ratio (88, 89)": r"aspect-ratio\s*:",
    "logical shorthands (87, 66)": r"(?:margin|padding)-(?:inline|block)\s*:",
    "color-mix (111, 113)": r"color-mix\(",
    "accent-color (93, 92)": r"accent-color",
    "@container (105, 110)": r"@container|container-type",
    "@layer (99, 97)": r"@layer",
    "@property (85, 128)": r"@property",
    "content-visibility (85, 125)": r"content-visibility",
    "small and dynamic heights (108, 101)": r"\d(?:dvh|svh|lvh|cqw|cqi)\b",
    "range of widths (104, 63)": r"@media[^{]*[<>]",
    "subgrid (117, 71)": r"subgrid",
    "nesting (112, 117)": r"\{[^{}]*&",
    "text-wrap (114, 121)": r"text-wrap\s*:",
    "oklch, lab (111, 113)": r"\b(?:ok)?l(?:ch|ab)\(",
}
SCRIPT = {
    "replaceAll (85, 77)": r"\.replaceAll\(",
    "Array.at (92, 90)": r"\.at\(",
    "structuredClone (98, 94)": r"structuredClone",
    "Object.hasOwn (92, 91)": r"Object\.hasOwn\b",
    "findLast (97, 104)": r"\.findLast",
    "logical assignment (85, 79)": r"(?:\|\||&&|\?\?)=",
    "Promise.any (85, 79)": r"Promise\.any\b",
    "WeakRef (84, 79)": r"WeakRef",
    "randomUUID (92, 95)": r"randomUUID",
    "private members (84, 90)": r"this\.#|^\s*#\w+\s*[=(]",
    "static blocks (94, 93)": r"static\s*\{",
    "toSorted and its like (110, 115)": r"\.to(?:Sorted|Reversed|Spliced)\(",
    "groupBy (117, 119)": r"Object\.groupBy",
    "replaceChildren (86, 78)": r"\.replaceChildren\(",
    "showModal (37, 98)": r"\.showModal\(",
    "popover (114, 125)": r"showPopover|popovertarget",
    "inert (102, 112)": r"\.inert\b",
    "checkVisibility (105, 106)": r"checkVisibility",
    "look-behind (62, 78; not Safari)": r"\(\?<[=!]",
    "modules": r"^\s*(?:import|export)\s|\bimport\(",
    "numeric separators (75, 70)": r"\d_\d",
    ":has, :is, :where in selectors": r":(?:has|is|where)\(",
}
MARKUP = {
    "dialog (37, 98)": r"<dialog",
    "popover (114, 125)": r"\spopover\b",
    "modules": r'type="module"',
    "lazy pictures as the only way": r'loading="lazy"',
    "native date fields": r'type="(?:date|month|time)"',
}


def used(text: str, features: dict[str, str]) -> list[str]:
    return [name for name, pattern in features.items() if re.search(pattern, text, re.MULTILINE)]


def without_comments(text: str) -> str:
    return re.sub(r"(?<!:)//.*", "", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL))


def test_the_page_uses_nothing_that_a_browser_of_2020_lacks() -> None:
    style = without_comments((STATIC / "app.css").read_text(encoding="utf-8"))
    script = without_comments((STATIC / "app.js").read_text(encoding="utf-8"))
    pages = "".join(path.read_text(encoding="utf-8") for path in sorted(PAGES.glob("*.html")))
    assert used(style, STYLE) == [] and used(script, SCRIPT) == [] and used(pages, MARKUP) == []


def test_htmx_as_it_is_shipped_runs_there_too() -> None:
    script = (STATIC / "htmx.min.js").read_text(encoding="utf-8")
    assert used(script, {name: pattern for name, pattern in SCRIPT.items() if "in selectors" not in name}) == []


@pytest.mark.parametrize("features", [STYLE, SCRIPT, MARKUP])
def test_each_pattern_finds_its_feature(features: dict[str, str]) -> None:
    """A pattern that finds nothing at all would hold anything."""
    written = (
        ":is(a) :where(a) :has(a) :not(a, b) :focus-visible :user-invalid gap: 1px; inset: 0; aspect-ratio: 1; margin-inline: 0;"
        " color-mix(in accent-color @container @layer"
        " @property content-visibility 100dvh\n@media (width > 1px) subgrid {color: red; &:a}\n"
        "text-wrap: balance oklch(1) x.replaceAll( x.at( structuredClone Object.hasOwn x.findLast( a ||= b Promise.any WeakRef"
        " randomUUID this.#a static { x.toSorted( Object.groupBy x.replaceChildren( x.showModal( showPopover x.inert"
        ' checkVisibility (?<=a)\nimport x\n1_000 <dialog <p popover > type="module" loading="lazy" type="date"'
    )
    assert used(written, features) == list(features)
