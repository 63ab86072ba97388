"""A model's words are read as they were, without whoever is not here and whoever would send texts away."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from tonewise import labels, plugins
from tonewise.errors import LabelError
from tonewise.labels import LabellerOptions, LabelPolicy
from tonewise.labels.lexicon import LexiconLabeller
from tonewise.labels.poles import Poles


@dataclass(frozen=True)
class Sender(LexiconLabeller):
    """A plug-in's labeller that sends texts to another machine."""

    name = "sender"

    def warning(self, sentences):
        """What would be sent."""
        return f"{len(sentences)} sentences would be sent"


@pytest.fixture(autouse=True)
def sender(monkeypatch):
    """The plug-in `sender` is installed, and no other."""
    module = SimpleNamespace(make=lambda argument, options: Sender(options.threshold))
    monkeypatch.setitem(sys.modules, "sender_module", module)
    plugin = plugins.Plugin("sender", plugins.LABELLERS, "sender_module:make", "acme", "1.0")
    monkeypatch.setattr(plugins, "installed", lambda group: {"sender": (plugin,)} if group == plugin.group else {})


def combined(**members: float) -> dict[str, object]:
    return {"name": "combined:" + "+".join(members), "threshold": 0.2, "members": members}


def test_members_that_send_texts_away_are_left_out():
    labeller, why = labels.restore(combined(lexicon=0.4, sender=0.6))
    assert labeller.parts == ("lexicon",)
    assert why == "words are read without sender: scoring sends nothing to a server"


def test_members_of_plugins_that_are_not_here_are_left_out():
    labeller, why = labels.restore(combined(lexicon=0.4, absent=0.6))
    assert labeller.parts == ("lexicon",)
    assert why == "words are read without absent: a plug-in is not here"


def test_where_no_member_is_left_the_lexicon_reads():
    labeller, why = labels.restore(combined(absent=0.4, sender=0.6))
    assert (labeller.name, labeller.threshold) == ("lexicon", 0.2)
    assert why == "words are read by the lexicon: scoring sends nothing to a server, and a plug-in is not here"


def test_the_threshold_stays_where_a_plugin_is_not_here():
    identity = {"absent": {"plugin": {"distribution": "acme"}}}
    labeller, why = labels.restore({"name": "absent", "threshold": 0.3, "identity": identity})
    assert (labeller.name, labeller.threshold) == ("lexicon", 0.3)
    assert why == "words are read by the lexicon: 'absent' is of a plug-in that is not here"


@pytest.mark.parametrize("identity", [None, [], "plugin", {"absent": None}, {"absent": "plugin"}])
def test_an_identity_of_any_shape_is_read(identity):
    assert labels.restore({"name": "absent", "identity": identity})[1] == ""


@pytest.mark.parametrize("members", [None, [], {}, "lexicon"])
def test_a_combination_of_nothing_is_refused(members):
    with pytest.raises(LabelError, match="does not say what 'combined' was made of; train it again"):
        labels.restore({"name": "combined", "members": members})


def test_poles_come_back_as_they_were():
    poles = Poles(("joy", "love"), ("anger",))
    kept = LabelPolicy("hub:some/model", LabellerOptions(0.2, poles=poles)).as_dict()
    assert kept["poles"] == {"positive": ["joy", "love"], "negative": ["anger"], "neutral": []}
    labeller, why = labels.restore(kept)
    assert (labeller.poles, labeller.threshold, why) == (poles, 0.2, "")
    assert labels.restore(kept | {"poles": {"positive": ["joy"]}})[0].poles == Poles(("joy",), ())
