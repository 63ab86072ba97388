"""A language model as a labeller: real requests to a server of this machine that speaks the protocol."""

from __future__ import annotations

import json
import logging
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonewise.errors import MissingExtraError, OptionError, TonewiseError
from tonewise.labels import Abstention, Sentence, create, llm
from tonewise.labels.answers import KeptAnswers
from tonewise.labels.chat import address
from tonewise.labels.llm import LanguageModelLabeller, read_scores

pytest.importorskip("openai", reason="the extra `llm` is not installed: no openai")

KEY = "sk-secret-0123456789"


@dataclass
class Reply:
    """What the server says to one request; `content` is the model's own text."""

    content: str | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None

    def text(self) -> str:
        if self.body is not None:
            return self.body
        if self.status != 200:
            return json.dumps({"error": {"message": self.content, "type": "toy"}})
        message = {"role": "assistant", "content": self.content}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return json.dumps({"id": "1", "object": "chat.completion", "created": 0, "model": "toy", "choices": [choice]})


@dataclass
class Server:
    """A chat server: what it was asked, in order, and what it says, which tests may change."""

    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    replies: Callable[[Server, dict[str, Any]], Reply] = lambda server, request: good(sentences(request))
    paths: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def asked(self) -> list[list[str]]:
        """Texts of each request."""
        return [[sentence["text"] for sentence in sentences(request)] for request in self.requests]


def sentences(request: dict[str, Any]) -> list[dict[str, Any]]:
    return json.loads(request["messages"][-1]["content"])["sentences"]


def flat(asked: list[list[str]]) -> list[str]:
    return list(chain.from_iterable(asked))


def opinion(text: str) -> float:
    return 0.8 if "good" in text else -0.8 if "bad" in text else 0.0


def good(asked: list[dict[str, Any]]) -> Reply:
    return Reply(json.dumps({"scores": [{"id": one["id"], "score": opinion(one["text"])} for one in asked]}))


def in_turn(*replies: Reply) -> Callable[[Server, dict[str, Any]], Reply]:
    """These replies, one a request, and good ones after them."""
    left = list(replies)
    return lambda server, request: left.pop(0) if left else good(sentences(request))


@pytest.fixture
def server(monkeypatch) -> Iterator[Server]:
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["content-length"])))
            with state.lock:
                state.requests.append(request)
                state.headers.append({name.lower(): value for name, value in self.headers.items()})
                state.paths.append(self.path)
                reply = state.replies(state, request)
            content = reply.text().encode()
            self.send_response(reply.status)
            for name, value in {"content-type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{listener.server_port}/v1"
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield state
    listener.shutdown()
    thread.join()
    listener.server_close()


@pytest.fixture
def labeller(server, tmp_path) -> LanguageModelLabeller:
    return LanguageModelLabeller("toy", endpoint=server.url, cache=tmp_path / "answers")


def said(*texts: str | None) -> list[Sentence]:
    return [Sentence(text) for text in texts]


MANY = [f"{'good' if number % 2 else 'bad'} {number}" for number in range(100)]

# What is asked and what comes of it


def test_scores_become_votes(server, labeller):
    happy, upset, plain, nothing, blank = labeller.votes(said("good", "bad", "so", None, " \n"))
    assert (happy.label, happy.score, happy.confidence) == ("positive", 0.8, 0.8)
    assert (upset.label, upset.score) == ("negative", -0.8)
    assert plain.abstention is Abstention.NEAR_NEUTRAL and plain.score == 0.0
    assert nothing.abstention is blank.abstention is Abstention.NO_TEXT
    assert server.asked == [["good", "bad", "so"]] and server.paths == ["/v1/chat/completions"]


def test_the_request_asks_for_repeatable_json(server, labeller):
    labeller.votes(said("good"))
    (request,) = server.requests
    assert (request["model"], request["temperature"], request["seed"]) == ("toy", 0, 0)
    assert request["response_format"]["json_schema"]["schema"] == llm.SCHEMA
    assert [message["role"] for message in request["messages"]] == ["system", "user"]
    assert "JSON" in request["messages"][0]["content"]


def test_context_is_sent_and_makes_another_question(server, labeller):
    before, after = ("My parcel is here.",), ("Thanks!", " \n")
    labeller.votes([Sentence("good", before=before, after=after), Sentence("good"), Sentence(" good ")])
    assert sentences(server.requests[0]) == [
        {"id": 1, "text": "good", "before": ["My parcel is here."], "after": ["Thanks!"]},
        {"id": 2, "text": "good"},
    ]
    labeller.votes([Sentence("good", before=("My parcel is lost.",))])
    assert len(server.requests) == 2


def test_ids_may_come_in_any_order(server, labeller):
    server.replies = lambda server, request: good(sentences(request)[::-1])
    assert [vote.label for vote in labeller.votes(said("good", "bad", "good 2"))] == [
        "positive",
        "negative",
        "positive",
    ]


def test_many_sentences_go_in_batches_and_come_back_in_order(server, labeller):
    told = []
    votes = labeller.votes(said(*MANY, *MANY[:5]), lambda *arguments: told.append(arguments))
    assert [vote.score for vote in votes] == [opinion(text) for text in [*MANY, *MANY[:5]]]
    assert sorted(map(len, server.asked)) == [20] * 5 and sorted(flat(server.asked)) == sorted(MANY)
    assert told == [("labels", done, 100) for done in range(0, 101, 20)]


def test_long_sentences_share_fewer_requests(server, labeller):
    labeller.votes(said(*(f"{number} " + "x" * 2_500 for number in range(5)), "y" * 20_000, "z"))
    assert sorted(map(len, server.asked)) == [1, 1, 1, 2, 2]


def test_text_of_any_script_and_half_characters_arrive(server, labeller):
    labeller.votes(said("Ես շատ ուրախ եմ 😀", "good \ud83d day", "new\nline"))
    assert server.asked == [["Ես շատ ուրախ եմ 😀", "good ? day", "new line"]]


def test_nothing_to_ask_sends_nothing(server, labeller):
    assert labeller.votes([]) == []
    labeller.votes(said(None))
    assert server.requests == []


# Answers that cannot be used


def scores(*rows: tuple[Any, Any]) -> str:
    return json.dumps({"scores": [{"id": number, "score": score} for number, score in rows]})


BAD_ANSWERS = [
    None,
    "",
    "I am sure that they are happy.",
    '{"scores": [{"id": 1, "score": 0.5}',
    '{"scores": 0.5}',
    '{"scores": [0.5, 0.5]}',
    '{"answers": []}',
    "[" * 50_000 + "{}",
    scores((1, 0.5)),
    scores((1, 0.5), (3, 0.5)),
    scores((1, 0.5), (1, 0.5)),
    scores((1, 0.5), (2, 0.5), (3, 0.5)),
    scores((1, 0.5), (2, 0.5), (2, -0.5)),
    scores((1, 0.5), (2, 1.5)),
    scores((1, 0.5), (2, "0.5")),
    scores((1, 0.5), (2, True)),
    scores((1, 0.5), (2, None)),
    scores((1, 0.5), (2, float("nan"))),
    scores((1, 0.5), ([2], 0.5)),
]


@pytest.mark.parametrize("content", BAD_ANSWERS)
def test_a_bad_answer_is_asked_for_again(server, labeller, content):
    server.replies = in_turn(Reply(content))
    assert [vote.score for vote in labeller.votes(said("good", "bad"))] == [0.8, -0.8]
    assert server.asked == [["good", "bad"]] * 2
    assert server.requests[0]["seed"] != server.requests[1]["seed"]


@pytest.mark.parametrize("body", ["", "<html>", "[]", '{"choices": []}', '{"choices": [{"message": null}]}'])
def test_a_body_that_is_no_chat_is_asked_for_again(server, labeller, body):
    server.replies = in_turn(Reply(body=body))
    assert [vote.score for vote in labeller.votes(said("good"))] == [0.8]
    server.replies = in_turn(Reply(body=body, headers={"content-type": "text/html"}))
    assert [vote.score for vote in labeller.votes(said("bad"))] == [-0.8]


def test_a_batch_that_is_never_answered_goes_one_by_one_and_the_rest_abstains(server, labeller):
    def forgetful(server: Server, request: dict[str, Any]) -> Reply:
        return good([one for one in sentences(request) if "mumble" not in one["text"]])

    server.replies = forgetful
    first, second, third = labeller.votes(said("good", "mumble", "bad"))
    assert (first.score, third.score) == (0.8, -0.8)
    assert second.abstention is Abstention.NO_ANSWER and (second.score, second.confidence) == (None, 0.0)
    assert server.asked == [["good", "mumble", "bad"]] * 2 + [["good"], ["mumble"], ["mumble"], ["bad"]]


def test_no_answer_is_not_kept(server, labeller):
    server.replies = lambda server, request: Reply("I'd rather not.")
    assert labeller.votes(said("good"))[0].abstention is Abstention.NO_ANSWER
    server.replies = in_turn()
    assert labeller.votes(said("good"))[0].score == 0.8


@pytest.mark.parametrize("around", ["```json\n{}\n```", "<think>{{1}} or {{2}}?</think>\n{}", "Here you are: {}."])
def test_what_stands_around_the_answer_is_passed_over(around):
    answer = scores((2, -1), (1, 0.25))
    assert read_scores(around.replace("{}", answer), 2) == [0.25, -1.0]


@given(st.lists(st.floats(-1, 1), min_size=1), st.randoms(use_true_random=False))
def test_every_whole_answer_is_read(values, random):
    rows = list(enumerate(values, 1))
    random.shuffle(rows)
    assert read_scores(scores(*rows), len(values)) == values


@given(
    st.lists(st.tuples(st.integers(0, 4), st.one_of(st.floats(-2, 2), st.none(), st.booleans(), st.text()))),
    st.integers(1, 3),
)
def test_nothing_is_ever_made_up(rows, count):
    found = read_scores(scores(*rows), count)
    if found is not None:
        assert sorted(number for number, _ in rows) == list(range(1, count + 1))
        assert found == [dict(rows)[number] for number in range(1, count + 1)]
        assert all(-1 <= score <= 1 for score in found)


# Servers that are busy, fail, or take other forms


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_or_failing_server_is_asked_again(server, labeller, status):
    server.replies = in_turn(Reply("busy", status, {"Retry-After": "0"}), Reply("busy", status, {"Retry-After": "0"}))
    assert labeller.votes(said("good"))[0].score == 0.8
    assert len(server.requests) == 3


def test_the_wait_that_a_server_asks_for_is_kept(server, labeller):
    server.replies = in_turn(*[Reply("busy", 429, {"Retry-After": "1.2"})] * 2)
    begun = time.monotonic()
    labeller.votes(said("good"))
    assert time.monotonic() - begun > 1.2


@pytest.mark.parametrize(
    ("refuses", "form"),
    [
        (lambda request: "temperature" in request, {"response_format"}),
        (lambda request: request.get("response_format", {}).get("type") == "json_schema", {"response_format", "seed"}),
        (lambda request: "response_format" in request, set()),
    ],
    ids=["no temperature", "no schema", "no format"],
)
def test_the_form_that_a_server_takes_is_found_once(server, labeller, refuses, form):
    server.replies = lambda server, request: Reply("unknown", 400) if refuses(request) else good(sentences(request))
    votes = labeller.votes(said(*MANY))
    assert [vote.score for vote in votes] == [opinion(text) for text in MANY]
    assert form <= set(server.requests[-1]) and not refuses(server.requests[-1])
    assert sum(map(refuses, server.requests)) <= 4


def test_a_server_that_takes_nothing_is_told(server, labeller):
    server.replies = lambda server, request: Reply("this model\ncannot chat", 400)
    with pytest.raises(OptionError, match=r"127.0.0.1:\d+ accepts no request for 'toy': this model cannot chat"):
        labeller.votes(said("good", "bad"))


def test_a_sentence_that_a_server_will_not_read_abstains(server, labeller):
    def prudish(server: Server, request: dict[str, Any]) -> Reply:
        rude = any("rude" in text for text in server.asked[-1])
        return Reply("content filter", 400) if rude else good(sentences(request))

    server.replies = prudish
    votes = labeller.votes(said("good", "rude", "bad"))
    assert [vote.abstention for vote in votes] == [None, Abstention.NO_ANSWER, None]


def test_a_refused_key_ends_the_run_at_once(server, labeller, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    server.replies = lambda server, request: Reply(f"Incorrect API key: {KEY}", 401)
    with pytest.raises(OptionError, match=r"refuses the key \(401\): set OPENAI_API_KEY") as caught:
        labeller.votes(said(*MANY))
    assert KEY not in str(caught.value) and len(server.requests) <= 2


def test_an_unknown_model_is_told(server, labeller):
    server.replies = lambda server, request: Reply("model 'toy' not found", 404)
    with pytest.raises(OptionError, match=r"knows no model 'toy'.*/v1"):
        labeller.votes(said("good"))


def test_a_server_that_goes_on_failing_is_told_in_one_line_without_the_key(server, labeller, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setattr("tonewise.labels.chat.RETRIES", 1)
    server.replies = lambda server, request: Reply(f"no room\nfor {KEY}", 500)
    with pytest.raises(TonewiseError, match=r"goes on failing \(500: no room for …\).*is kept") as caught:
        labeller.votes(said("good"))
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


def test_an_absent_server_costs_a_second(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        absent = LanguageModelLabeller("toy", endpoint=f"http://127.0.0.1:{free.getsockname()[1]}/v1", cache=tmp_path)
    begun = time.monotonic()
    with pytest.raises(TonewiseError, match=r"127.0.0.1:\d+ cannot be reached"):
        absent.votes(said(*MANY))
    assert time.monotonic() - begun < 3


def test_a_silent_server_is_told(labeller, server, monkeypatch):
    monkeypatch.setattr("tonewise.labels.chat.SECONDS_AT_MOST", 0.2)
    server.replies = lambda server, request: time.sleep(0.6) or good(sentences(request))
    with pytest.raises(TonewiseError, match="did not answer in time"):
        labeller.votes(said("good"))


# Where sentences and the key go


def test_the_key_is_sent_and_shown_nowhere(server, labeller, monkeypatch, caplog):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with caplog.at_level(logging.DEBUG):
        labeller.votes(said("good"))
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"
    told = [labeller.identity(), labeller.warning(said("bad")), repr(labeller), caplog.text]
    told += [file.read_text() for file in labeller.cache.iterdir()]
    assert KEY not in str(told)


def test_a_local_server_needs_no_key_and_no_proxy(server, labeller, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert labeller.votes(said("good"))[0].score == 0.8


def test_a_server_elsewhere_needs_a_key(server, tmp_path):
    labeller = LanguageModelLabeller("toy", endpoint="https://chat.example/v1", cache=tmp_path)
    with pytest.raises(OptionError, match=r"chat\.example needs a key: set the environment variable OPENAI_API_KEY"):
        labeller.votes(said("good"))


def test_sentences_are_not_passed_on_to_another_server(server, labeller):
    server.replies = lambda server, request: Reply("", 307, {"Location": f"{server.url}/elsewhere"})
    with pytest.raises(OptionError, match=r"points to another address \(307\)"):
        labeller.votes(said("good"))
    assert set(server.paths) == {"/v1/chat/completions"}


def test_the_environments_address_is_used(server, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", server.url)
    labeller = LanguageModelLabeller("toy", cache=tmp_path)
    assert labeller.votes(said("good"))[0].score == 0.8
    assert labeller.identity() == LanguageModelLabeller("toy", endpoint=server.url).identity()


@pytest.mark.parametrize(
    "endpoint", ["", "localhost:11434/v1", "ftp://x/v1", "http://", "http://[::1", "http://x:99999"]
)
def test_what_is_no_address_is_told(endpoint):
    with pytest.raises(OptionError, match="is no address; expected one such as http://localhost:11434/v1"):
        address(endpoint)


@pytest.mark.parametrize("endpoint", [f"https://u:{KEY}@chat.example/v1", f"https://chat.example/v1?key={KEY}"])
def test_an_address_with_a_secret_is_refused_and_not_repeated(endpoint):
    with pytest.raises(OptionError, match="give its key in OPENAI_API_KEY") as caught:
        address(endpoint)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    "endpoint", [f"https://u:{KEY}/x@chat.example/v1", f"u:{KEY}@chat.example/v1", f"chat.example/v1?key={KEY}"]
)
def test_what_is_no_address_is_not_repeated_where_it_may_hold_a_secret(endpoint):
    with pytest.raises(OptionError, match="the endpoint is no address; expected one such as") as caught:
        address(endpoint)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("endpoint", "host", "local", "encrypted"),
    [
        ("http://localhost:11434/v1/", "localhost:11434", True, False),
        ("http://127.8.9.1/v1", "127.8.9.1", True, False),
        ("http://[::1]:8080/v1", "[::1]:8080", True, False),
        ("https://api.openai.com/v1", "api.openai.com", False, True),
        ("http://localhost.example/v1", "localhost.example", False, False),
        ("http://10.0.0.5:8000/v1", "10.0.0.5:8000", False, False),
    ],
)
def test_hosts_are_told_apart(endpoint, host, local, encrypted):
    found = address(endpoint)
    assert (found.host, found.is_local, found.is_encrypted) == (host, local, encrypted)


def test_the_warning_says_what_goes_where(server, labeller, tmp_path):
    asked = said(*MANY, *MANY, None)
    line = labeller.warning(asked)
    assert "100 sentences in about 5 requests" in line and "which is this machine" in line
    away = LanguageModelLabeller("toy", endpoint="http://chat.example/v1", cache=tmp_path).warning(asked)
    assert "these sentences leave this machine, unencrypted, to chat.example" in away
    assert server.requests == []
    labeller.votes(said(*MANY[:60]))
    assert "40 sentences in about 2 requests" in labeller.warning(asked)
    labeller.votes(asked)
    assert "nothing is sent" in labeller.warning(asked)


# Answers are kept


def test_a_second_run_asks_nothing(server, labeller):
    first = labeller.votes(said(*MANY))
    count = len(server.requests)
    again = LanguageModelLabeller("toy", 0.9, endpoint=server.url + "/", cache=labeller.cache)
    assert [vote.score for vote in again.votes(said(*MANY))] == [vote.score for vote in first]
    assert len(server.requests) == count
    LanguageModelLabeller("other", endpoint=server.url, cache=labeller.cache).votes(said("good 1"))
    assert len(server.requests) == count + 1


def test_a_run_that_stops_goes_on_where_it_was(server, labeller):
    calls = iter(range(1_000))
    server.replies = lambda server, request: good(sentences(request)) if next(calls) < 3 else Reply("key expired", 401)
    with pytest.raises(OptionError, match="refuses the key"):
        labeller.votes(said(*MANY))
    done = set(flat(server.asked[:3]))
    server.requests.clear()
    server.replies = in_turn()
    votes = labeller.votes(said(*MANY))
    assert [vote.score for vote in votes] == [opinion(text) for text in MANY]
    assert sorted(flat(server.asked)) == sorted(set(MANY) - done)


def test_an_interrupt_leaves_what_waits_unsent(server, labeller):
    def stop(stage: str, done: int, total: int) -> None:
        if done == 40:
            raise KeyboardInterrupt

    server.replies = lambda server, request: time.sleep(0.05) or good(sentences(request))
    with pytest.raises(KeyboardInterrupt) as held:  # with all its frames, as where a traceback is shown
        labeller.votes(said(*(f"good {number}" for number in range(400))), stop)
    assert 2 <= len(server.requests) <= 2 + 2 * llm.WORKERS  # of 20
    assert not any(thread.name.startswith("ThreadPoolExecutor") for thread in threading.enumerate()), held


def test_no_sentence_is_written_down(server, labeller):
    labeller.votes(said("good news of Mrs Smith"))
    (file,) = labeller.cache.iterdir()
    assert "Smith" not in file.read_text() and '"score": 0.8' in file.read_text()


def test_the_place_is_tonewises_cache(server, tmp_path, monkeypatch):
    monkeypatch.setenv("TONEWISE_CACHE", str(tmp_path / "mine"))
    create("llm:toy", endpoint=server.url).votes(said("good"))
    assert len(list((tmp_path / "mine/llm").glob("*.jsonl"))) == 1


def test_a_torn_line_costs_one_answer(tmp_path):
    file = tmp_path / "kept.jsonl"
    KeptAnswers(file).keep({"a": 0.5, "b": -0.5})
    file.write_bytes(file.read_bytes()[:-5])
    KeptAnswers(file).keep({"c": 1.0})
    kept = KeptAnswers(file)
    assert [kept.get(key) for key in "abc"] == [0.5, None, 1.0]


@pytest.mark.parametrize("line", ["{}", "[]", "nonsense", '{"key": 1, "score": 0}', '{"key": "a", "score": 7}', "\x00"])
def test_foreign_lines_are_passed_over(tmp_path, line):
    (tmp_path / "kept.jsonl").write_text(line + '\n{"key": "b", "score": 1}\n')
    kept = KeptAnswers(tmp_path / "kept.jsonl")
    assert (kept.get("a"), kept.get("b")) == (None, 1.0)


@pytest.mark.parametrize("what", ["read", "written"])
def test_where_answers_cannot_be_kept_nothing_is_asked(server, tmp_path, what):
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "link").symlink_to(tmp_path / "absent")
    cache = tmp_path / "file" / "answers" if what == "read" else tmp_path / "link"
    with pytest.raises(TonewiseError, match=rf"cannot be {what} .* TONEWISE_CACHE"):
        LanguageModelLabeller("toy", endpoint=server.url, cache=cache).votes(said("good"))
    assert server.requests == []


# The contract


def test_identity_is_what_changes_votes(server, labeller):
    identity = labeller.identity()
    assert identity == {
        "name": "llm",
        "model": "toy",
        "host": server.url.removeprefix("http://").removesuffix("/v1"),
        "prompt": llm.PROMPT_VERSION,
        "threshold": 0.1,
    }
    assert labeller.name == "llm:toy" and labeller.reads_context and labeller.languages is None


def test_it_is_only_made_by_name():
    assert create("llm:some/model:8b").name == "llm:some/model:8b"
    with pytest.raises(OptionError, match="needs MODEL after a colon"):
        create("llm")


def test_a_missing_library_is_told_with_what_installs_it(labeller, monkeypatch):
    monkeypatch.setitem(sys.modules, "openai", None)
    for ask in (lambda: labeller.votes(said("good")), LanguageModelLabeller("toy").identity):
        with pytest.raises(MissingExtraError, match=r"pip install 'tonewise\[llm\]'"):
            ask()
