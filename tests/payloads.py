"""Texts that data may hold and that must come out as text, wherever they stand."""

from __future__ import annotations

PWN = "window.__pwn=1"
MARKUP = (
    f"<script>{PWN}</script>",
    f"</script><script>{PWN}</script>",
    f'"><img src=x onerror="{PWN}">',
    f"' onmouseover='{PWN}' x='",
    f"<svg/onload={PWN}>",
    f"</title></style></textarea><svg><script>{PWN}</script>",
    f"<a href=javascript:{PWN}>x</a>",
    "<style>*{display:none}</style>",
    "<!-- --> ]]> <![CDATA[ ?> <?php",
    "&lt;b&gt; &amp; &#60;script&#62; &nbsp",
    "<table><tr><td></div></section></main>",
    "<!--segkit:part--> %3Cscript%3E \\u003cscript\\u003e",
)
MARKDOWN = (
    f"x\n```\n\n[c](javascript:{PWN}){{onfocus={PWN} autofocus=1 tabindex=0}}",
    f"````\n~~~~\n```{{=html}}\n<script>{PWN}</script>\n```",
    f"`<svg onload={PWN}>`{{=html}}",
    f"[x](javascript:{PWN}) ![y](x.png){{onerror={PWN}}} <javascript:{PWN}>",
    f"[x]{{onclick={PWN}}} [y]: javascript:{PWN}",
    f"::: {{.x onclick={PWN}}}\n:::\n# Heading {{#sec-x}}\n\n---\n",
    "**bold** *em* __b__ _e_ ~~s~~ ~b~ ^p^ ==m==",
    "@nobody2020 [@nobody2020; -@x] @fig-map @tbl-none [^1] ^[note]",
    "| a | b |\n|---|---|\n| c | d |",
    ": definition\n: more",
    "1. one",
    "(a) two",
    "- three",
    "> quote",
    "+ plus",
    "    indented code",
    "http://x.example/a_b_c https://x.example www.x.example a@x.example",
    "\\newcommand{\\x}{y} \\begin{a} \\( a \\) \\[ b \\]",
    "line\\\nbreak  \nagain",
    "term --- dash -- dash ... 'single' \"double\" e.g. Mr. X",
    ":smile: :+1: [[wiki]] [x]{.smallcaps}",
    "*[HTML]: x",
    "title: x\n---\nfoo: !!python/object:os.system",
)
CODE = (
    "{{< include /etc/hostname >}}",
    "{{< meta title >}} {{% x %}} {{{< x >}}} ${{ x }}",
    "`{python} __import__('os').getpid()`",
    "```{python}\n1/0\n```",
    "{python} {r} `r 1`",
    "$\\frac{$",
    "$x$ $$y$$ \\$z",
    "%s %d {0} {x!r} {{}} #{x} %(a)s",
    "'; DROP TABLE raw; -- \" \\",
)
LETTERS = (
    "a\u202eevil\u202c \u2066b\u2069 \u200fc",
    "z\u200be\u200cr\u200do \u2060w\ufeff\u00ad",
    "line\u2028separator\u2029paragraph\u0085next\x0bv\x0cf",
    "bell\x07 esc\x1b[31m\x1b]0;title\x07 csi\x9b2J del\x7f",
    "tab\there\rreturn\r\nboth",
    "e\u0301 Z\u0351\u036b\u0343 \u0904\u093f",
    "👩\u200d👩\u200d👧 ❤\ufe0f 🇩🇪",
    "\ue000private \U000f0000 \ufdd0 \ufffe",
    "\u3164\u115f\u2800 filler \U000e0041\U000e0042",
    "no\u00a0break\u202fthin\u3000wide",
    "名前 имя שם اسم ชื่อ",
    "x" * 500,
    "wide " * 60,
)
FORMULAS = (
    "=1+1",
    '=HYPERLINK("http://x.example","x")',
    "+1",
    "-1+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "a;=1+1",
    "a\t=1+1",
    "\uff1d1+1",
)
PAYLOADS = (*MARKUP, *MARKDOWN, *CODE, *LETTERS, *FORMULAS)
