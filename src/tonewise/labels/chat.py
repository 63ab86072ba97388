"""Requests to an OpenAI-compatible chat server, by OpenAI's own client; what goes wrong there, in one line.

The client keeps the protocol: it waits and tries again when a server is busy, fails or is late, as long as its
`Retry-After` says or ever longer. Hosted services, Ollama, vLLM and llama.cpp speak it.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from tonewise.errors import MissingExtraError, OptionError, TonewiseError

SECONDS_AT_MOST = 300.0  # for one answer: a model on a laptop's processor takes minutes for a batch
RETRIES = 6  # after 0.5, 1, 2, 4, 8 and 8 seconds, or as long as the server asks, up to two minutes each

# Local servers want no key, and the client wants one.
_NO_KEY = "no-key"

_KEPT = "what it answered so far is kept"


class Refused(Exception):
    """A request that the server does not accept in any form; the text is its own words."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where requests go, without any secret.

    Attributes:
        url: as in http://localhost:11434/v1.
        host: name and, where it is not the usual one, port.
        is_local: whether that is this machine.
        is_encrypted: whether nobody on the way can read along.
    """

    url: str
    host: str
    is_local: bool
    is_encrypted: bool


def address(endpoint: str | None) -> Address:
    """Read an endpoint; None = the client's own, which is OPENAI_BASE_URL or else OpenAI's.

    Raises:
        OptionError: that is no address, or it has a key or a password in it.
        MissingExtraError: the extra `llm` is not installed.
    """
    url = _own_address() if endpoint is None else endpoint
    try:
        parts = urlsplit(url)
        name, port = parts.hostname, parts.port
    except ValueError:
        parts, name, port = None, None, None
    if parts is None or parts.scheme not in ("http", "https") or not name:
        # A password may stand before an @, a key after a question mark.
        shown = "the endpoint" if "@" in url or "?" in url else f"endpoint '{url}'"
        raise OptionError(f"{shown} is no address; expected one such as http://localhost:11434/v1")
    if parts.username is not None or parts.query or parts.fragment:
        # Not repeated here: it may well be a secret.
        raise OptionError(
            f"the endpoint at {name} has more than a host and a path; give its key in OPENAI_API_KEY, and the address "
            "alone, such as http://localhost:11434/v1"
        )
    host = f"[{name}]" if ":" in name else name
    host += "" if port is None else f":{port}"
    return Address(url.rstrip("/"), host, _is_this_machine(name), parts.scheme == "https")


def _own_address() -> str:
    with _library().OpenAI(api_key=_NO_KEY) as client:
        return str(client.base_url)


def _is_this_machine(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(name).is_loopback
    return False


def _library() -> Any:
    try:
        import openai
    except ImportError as missing:
        raise MissingExtraError("the labeller llm", "llm") from missing
    return openai


class Chat:
    """A model at a server; close it after use (`with Chat(…) as chat`). Threads may ask at once.

    Attributes:
        model: what the server calls it.
        address: where it is.
        has_answered: whether any request has been accepted.
    """

    def __init__(self, model: str, endpoint: str | None) -> None:
        """Nothing is sent yet.

        Raises:
            OptionError: the endpoint is no address, or the environment has no OPENAI_API_KEY for it.
            MissingExtraError: the extra `llm` is not installed.
        """
        self._openai = _library()
        self.model = model
        self.address = address(endpoint)
        self._client = self._connect()
        self._patient = self._client.with_options(max_retries=RETRIES)
        self._is_there = False
        self._form = 0
        self.has_answered = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def answer(self, system: str, user: str, schema: Mapping[str, Any], *, seed: int) -> str | None:
        """What the model says to two messages, as JSON of this schema where the server can enforce it.

        Temperature 0 and the seed are asked for where the model has them; the first answer shows what the server takes.

        Returns:
            The text, None where the answer has none.

        Raises:
            Refused: the server does not accept these messages.
            OptionError: it does not accept the key, or does not know the model.
            TonewiseError: it cannot be reached, or goes on failing.
        """
        messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        forms = _forms(schema, seed)
        refusal = Refused()
        for form in [self._form] if self.has_answered else range(self._form, len(forms)):
            try:
                body = self._sent(model=self.model, messages=messages, **forms[form])
            except Refused as refused:
                refusal = refused
                continue
            self._form, self.has_answered = form, True
            return _content(body)
        raise refusal

    def _connect(self) -> Any:
        """A client that sends to this address and to no other: no redirects, and no proxy before a local server."""
        openai, local = self._openai, self.address.is_local
        options = {
            "base_url": self.address.url,
            "timeout": openai.Timeout(SECONDS_AT_MOST, connect=5.0),
            "max_retries": 0,
            "http_client": openai.DefaultHttpxClient(follow_redirects=False, trust_env=not local),
        }
        try:
            return openai.OpenAI(**options)
        except openai.OpenAIError:
            if local:
                return openai.OpenAI(api_key=_NO_KEY, **options)
            options["http_client"].close()
            raise OptionError(
                f"{self.address.host} needs a key: set the environment variable OPENAI_API_KEY (to anything, where the "
                "server wants none)"
            ) from None

    def _sent(self, **request: Any) -> str:
        """The body of the server's answer; its failures as ours."""
        try:
            return self._tried(request)
        # The client's errors quote the server, which may quote the key: they are not chained.
        except self._openai.APIStatusError as error:
            raise self._failure(error) from None
        except self._openai.APITimeoutError:
            raise TonewiseError(
                f"{self.address.host} did not answer in time; see that the server runs, then run again: {_KEPT}"
            ) from None
        except self._openai.APIConnectionError:
            raise TonewiseError(
                f"{self.address.host} cannot be reached; see that the address is right and the server runs, then run "
                f"again: {_KEPT}"
            ) from None

    def _tried(self, request: Mapping[str, Any]) -> str:
        # A server that is not there at all should cost a second, not the patience that a busy one deserves.
        client = self._patient if self._is_there else self._client
        try:
            answer = client.chat.completions.with_raw_response.create(**request)
        except self._openai.APIStatusError:
            if self._is_there:
                raise
            self._is_there = True
            return self._tried(request)
        self._is_there = True
        return str(answer.http_response.text)

    def _failure(self, error: Any) -> TonewiseError | Refused:
        host, status = self.address.host, error.status_code
        if status in (400, 413, 422):
            return Refused(self._words(error))
        if status in (401, 403):
            return OptionError(
                f"{host} refuses the key ({status}): set OPENAI_API_KEY to one that may use {self.model}"
            )
        if status == 404:
            return OptionError(
                f"{host} knows no model '{self.model}', or answers no chat at {self.address.url} (most addresses end "
                "in /v1)"
            )
        if status < 400:
            return OptionError(f"{host} points to another address ({status}): give that one as the endpoint")
        return TonewiseError(f"{host} goes on failing ({status}: {self._words(error)}); wait, then run again: {_KEPT}")

    def _words(self, error: Any) -> str:
        """The server's own words, short and without the key."""
        body = error.body
        words = body.get("message") if isinstance(body, dict) else body
        text = " ".join(str(words or "no reason given").split())
        return text.replace(self._client.api_key or _NO_KEY, "…")[:200]


def _forms(schema: Mapping[str, Any], seed: int) -> tuple[dict[str, Any], ...]:
    """What may be asked beside the messages, best first: some servers know no schema, some models no temperature."""
    same: dict[str, Any] = {"temperature": 0, "seed": seed}
    by_schema = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": dict(schema)}}
    return (
        {**same, "response_format": by_schema},
        {"response_format": by_schema},
        {**same, "response_format": {"type": "json_object"}},
        {},
    )


def _content(body: str) -> str | None:
    try:
        content = json.loads(body)["choices"][0]["message"]["content"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return content if isinstance(content, str) else None
