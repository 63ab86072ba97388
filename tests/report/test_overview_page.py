"""The page of many calls as text: escaped, closed to the network, complete, and calm about agents."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from datetime import datetime, timedelta
from html.parser import HTMLParser

from tonewise.records.calls import Call, CallAbout, GroupFigure
from tonewise.report import overview as module
from tonewise.report.overview import Overview, overview_page

NASTY = '</script><script>alert(1)</script><img src=x onerror=alert(1)> & "so"'
START = datetime(2026, 3, 2, 9, 30)


def call(number: int = 0, **changed) -> Call:
    about = changed.pop("about", CallAbout(START + timedelta(days=number), "Ann", "billing", {"product": "line"}))
    values = {
        "recording": f"/home/somebody/call{number}.wav", "content_hash": f"{number:064x}", "inputs": "", "about": about,
        "duration": 75.0, "whose": "customer", "tone": 0.25, "negative_share": 0.8, "change": -0.25, "mismatches": 2,
        "summary": {},
    }  # fmt: skip
    return Call(**{**values, **changed})


def found(*calls: Call, **changed) -> Overview:
    agents = (
        GroupFigure("Bob", 30, 0.2, 0.21, 0.1, 0.3, "lower"),
        GroupFigure("Ann", 2, 0.5, 0.45, 0.2, 0.7),
        GroupFigure("Cy", 0, None, None),
    )
    values = {
        "store": "calls.db", "model": "model (abc)", "other_models": 0, "calls": calls or (call(), call(8, tone=None)),
        "columns": ("agent", "queue", "product"), "by": "queue", "weeks": (GroupFigure("2026-03-02", 1, 0.25, 0.25),),
        "groups": (GroupFigure("billing", 2, 0.25, 0.25, 0.1, 0.4),), "agents": agents, "agents_change": agents,
        "common_tone": 0.5, "common_change": 0.0,
    }  # fmt: skip
    return Overview(**{**values, **changed})


def week(each: Call) -> str:
    at = each.about.called_at
    return "unknown" if at is None else (at - timedelta(days=at.weekday())).date().isoformat()


def page(of: Overview | None = None, **links: str) -> str:
    return overview_page(of or found(), links=links, week_of=week)


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "input"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_markup_is_whole_and_whatever_calls_bring_is_escaped():
    nasty = CallAbout(START, NASTY, NASTY, {NASTY: NASTY})
    calls = (call(about=nasty, recording=f"/x/{NASTY}.wav"), call(1))
    agents = (GroupFigure(NASTY, 2, 0.5, 0.5),)
    text = page(found(*calls, columns=("agent", "queue", NASTY), by=NASTY, groups=agents, agents=agents, store=NASTY))
    tags = Tags(text)
    assert not tags.open and sum(tag == "script" for tag, _ in tags.tags) == 1
    assert not any(tag == "img" or any(name.startswith("on") for name in attrs) for tag, attrs in tags.tags)


def test_it_asks_no_network_and_its_script_is_named_by_its_hash():
    text = page()
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1]
    policy = next(attrs["content"] for _, attrs in Tags(text).tags if "http-equiv" in attrs)
    assert f"'sha256-{b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" in policy
    assert policy.startswith("default-src 'none'")
    assert not [attrs for _, attrs in Tags(text).tags if attrs.get("src")]
    assert "url(http" not in text and "@import" not in text and text == page()


def test_agents_are_told_apart_only_where_the_interval_says_so():
    text = " ".join(page().split())
    assert text.count("<strong>below the mean of all agents</strong>") == 2  # tone, and its change
    assert text.count('<span class="muted">not told apart</span>') == 4
    assert "2 (few)" in text and "not defined" in text and "0.20 to 0.70" in text


def test_calls_are_rows_that_can_be_filtered_and_followed():
    text = page(**{f"{0:064x}": "./pages/call0.html"})
    assert '<a href="./pages/call0.html">call0.wav</a>' in text and "/home/somebody" not in text
    assert '<tr data-kind="negative" data-week="2026-03-02">' in text and '<tr data-kind="no tone"' in text
    assert '<select name="week">' in text and "▼ negative 0.25" in text
    assert text.index("call8.wav") < text.index("call0.wav")  # the newest first


def test_what_is_left_out_is_said(monkeypatch):
    monkeypatch.setattr(module, "LISTED", 3)
    text = page(found(*(call(each) for each in range(5)), other_models=2))
    assert text.count("<tr data-kind") == 3 and "2 others count in the figures" in text
    assert "2 other models" in text
    unknown = page(found(call(whose="unknown"), agents=(), agents_change=(), groups=(), by=None))
    assert "1 call left out here" in unknown and "give a table of calls" in unknown
