"""A Hugging Face hub of one process: the requests that `huggingface_hub` makes to carry a model there and back.

Repositories with commits and branches, tokens, private repositories, the pre-upload question, Git LFS's batch protocol for
binary files, commits as NDJSON, file trees, and downloads with their ETags. Written after the library's own requests and
the Git LFS batch specification; a request that is not known here is answered with status 501, so that a test fails.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

TOKEN = "hf_abcdefghijklmnopqrstuvwxyz12345678"  # looks like one and opens this hub only

#: As in the `.gitattributes` that the hub gives to new repositories.
LARGE = (".onnx", ".npy", ".bin", ".safetensors", ".zip")


@dataclass
class Repository:
    """Files by commit, and commits by branch, the newest last."""

    private: bool
    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    branches: dict[str, list[str]] = field(default_factory=lambda: {"main": []})

    def commit(self, branch: str, files: dict[str, bytes]) -> str:
        """A new commit on a branch; its id."""
        listed = sorted((name, hashlib.sha256(data).hexdigest()) for name, data in files.items())
        told = json.dumps([branch, len(self.branches[branch]), listed])
        made = hashlib.sha1(told.encode()).hexdigest()
        self.commits[made] = files
        self.branches[branch].append(made)
        return made

    def find(self, revision: str) -> str | None:
        """The commit that a branch or an id names."""
        if revision in self.branches:
            return self.branches[revision][-1]
        return revision if revision in self.commits else None


@dataclass
class Hub:
    """What the server holds and was asked: `asked` has (method, path, body), `large` the bytes of LFS by SHA-256.

    `broken` is the status of every answer from then on, `garbled` makes every answer nonsense.
    """

    url: str = ""
    repositories: dict[str, Repository] = field(default_factory=dict)
    large: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[str, str, bytes]] = field(default_factory=list)
    served: list[str] = field(default_factory=list)
    broken: int | None = None
    garbled: bool = False

    def create(self, name: str, files: dict[str, bytes], *, private: bool = False) -> str:
        """A repository with one commit; its id."""
        self.repositories[name] = Repository(private)
        return self.repositories[name].commit("main", files)


class _Refused(Exception):
    """An answer that is an error: status, the hub's `X-Error-Code`."""

    def __init__(self, status: int, code: str = "", **told: str) -> None:
        super().__init__(status, code)
        self.status, self.code, self.told = status, code, {"error": "refused", **told}


def _oid(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def _is_large(name: str) -> bool:
    return name.endswith(LARGE)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub: Hub

    def log_message(self, *_arguments: Any) -> None:
        """Nothing is logged."""

    def do_GET(self) -> None:
        self._answer("GET")

    def do_HEAD(self) -> None:
        self._answer("HEAD")

    def do_POST(self) -> None:
        self._answer("POST")

    def do_PUT(self) -> None:
        self._answer("PUT")

    def _answer(self, method: str) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = unquote(urlsplit(self.path).path)
        self.hub.asked.append((method, path, body))
        try:
            if self.hub.broken:
                raise _Refused(self.hub.broken)
            if self.hub.garbled:
                self._send(200, ["no answer that anybody expects"])
                return
            for pattern, made in _ROUTES:
                match = re.fullmatch(pattern, f"{method} {path}")
                if match:
                    self._send(200, *made(self, body, **match.groupdict()))
                    return
            raise _Refused(501)
        except _Refused as refused:
            self._send(refused.status, refused.told, {"X-Error-Code": refused.code})

    def _send(self, status: int, found: Any, headers: dict[str, str] | None = None) -> None:
        data = found if isinstance(found, bytes) else json.dumps(found).encode()
        sent = {"Content-Type": "application/json", "Content-Length": str(len(data)), **(headers or {})}
        self.send_response(status)
        for name, value in sent.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    # -- who may -----------------------------------------------------------------------------------------------------

    def _known(self) -> bool:
        return self.headers.get("Authorization") == f"Bearer {TOKEN}"

    def _writer(self) -> None:
        if not self._known():
            raise _Refused(401)

    def _repository(self, name: str) -> Repository:
        found = self.hub.repositories.get(name)
        if found is None or (found.private and not self._known()):
            raise _Refused(404 if self._known() else 401, "RepoNotFound")
        return found

    def _files(self, name: str, revision: str) -> tuple[str, dict[str, bytes]]:
        repository = self._repository(name)
        commit = repository.find(revision)
        if commit is None:
            raise _Refused(404, "RevisionNotFound")
        return commit, repository.commits[commit]

    # -- answers -----------------------------------------------------------------------------------------------------

    def create(self, body: bytes) -> tuple[Any]:
        self._writer()
        asked = json.loads(body)
        name = f"{asked['organization']}/{asked['name']}"
        if name in self.hub.repositories:
            raise _Refused(409, url=f"{self.hub.url}/{name}")
        self.hub.create(name, {".gitattributes": b"*.onnx filter=lfs\n"}, private=asked.get("visibility") == "private")
        return ({"url": f"{self.hub.url}/{name}", "name": name},)

    def branch(self, body: bytes, repo: str, revision: str) -> tuple[Any]:
        self._writer()
        repository = self._repository(repo)
        if revision in repository.branches:
            raise _Refused(409)
        repository.branches[revision] = [*repository.branches["main"]]
        return ({},)

    def info(self, body: bytes, repo: str, revision: str | None = None) -> tuple[Any]:
        commit, files = self._files(repo, revision or "main")
        siblings = [{"rfilename": name, "size": len(data), "blobId": _oid(data)} for name, data in files.items()]
        return (
            {"id": repo, "sha": commit, "private": self._repository(repo).private, "tags": [], "siblings": siblings},
        )

    def preupload(self, body: bytes, repo: str, revision: str) -> tuple[Any]:
        self._writer()
        _, files = self._files(repo, revision)
        asked = json.loads(body)["files"]
        found = []
        for each in asked:
            there = files.get(each["path"])
            mode = "lfs" if _is_large(each["path"]) else "regular"
            oid = None
            if there is not None:
                oid = hashlib.sha256(there).hexdigest() if mode == "lfs" else _oid(there)
            found.append({"path": each["path"], "uploadMode": mode, "shouldIgnore": False, "oid": oid})
        return ({"files": found},)

    def batch(self, body: bytes, repo: str) -> tuple[Any, dict[str, str]]:
        self._writer()
        asked = json.loads(body)
        assert asked["operation"] == "upload" and asked["hash_algo"] == "sha256" and "basic" in asked["transfers"]
        objects = []
        for each in asked["objects"]:
            actions = {
                "upload": {"href": f"{self.hub.url}/storage/{each['oid']}", "header": {}},
                "verify": {"href": f"{self.hub.url}/verify/{repo}", "header": {}},
            }
            known = each["oid"] in self.hub.large
            objects.append({**each, **({} if known else {"actions": actions})})
        return {"transfer": "basic", "objects": objects}, {"Content-Type": "application/vnd.git-lfs+json"}

    def store(self, body: bytes, oid: str) -> tuple[Any]:
        if hashlib.sha256(body).hexdigest() != oid:
            raise _Refused(400)
        self.hub.large[oid] = body
        return ({},)

    def verify(self, body: bytes, repo: str) -> tuple[Any]:
        asked = json.loads(body)
        if len(self.hub.large.get(asked["oid"], b"")) != asked["size"]:
            raise _Refused(404)
        return ({},)

    def commit(self, body: bytes, repo: str, revision: str) -> tuple[Any]:
        self._writer()
        _, files = self._files(repo, revision)
        files = dict(files)
        for line in body.splitlines():
            said = json.loads(line)
            value = said["value"]
            if said["key"] == "file":
                assert value["encoding"] == "base64"
                files[value["path"]] = base64.b64decode(value["content"])
            elif said["key"] == "lfsFile":
                assert value["algo"] == "sha256"
                files[value["path"]] = self.hub.large[value["oid"]]
            elif said["key"] == "deletedFile":
                del files[value["path"]]
            else:
                assert said["key"] == "header" and value["summary"]
        made = self._repository(repo).commit(revision, files)
        return (
            {"success": True, "commitOid": made, "commitUrl": f"{self.hub.url}/{repo}/commit/{made}", "hookOutput": ""},
        )

    def tree(self, body: bytes, repo: str, revision: str) -> tuple[Any]:
        _, files = self._files(repo, revision)
        return ([self._entry(name, data) for name, data in files.items()],)

    def _entry(self, name: str, data: bytes) -> dict[str, Any]:
        entry: dict[str, Any] = {"type": "file", "path": name, "size": len(data), "oid": _oid(data)}
        if _is_large(name):
            entry["lfs"] = {"oid": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 130}
        return entry

    def yaml(self, body: bytes) -> tuple[Any]:
        assert json.loads(body)["repoType"] == "model"
        return ({"errors": [], "warnings": []},)

    def resolve(self, body: bytes, repo: str, revision: str, name: str) -> tuple[Any, dict[str, str]]:
        commit, files = self._files(repo, revision)
        if name not in files:
            raise _Refused(404, "EntryNotFound")
        data = files[name]
        if self.command == "GET":
            self.hub.served.append(name)
        tag = hashlib.sha256(data).hexdigest() if _is_large(name) else _oid(data)
        told = {
            "ETag": f'"{tag}"',
            "X-Repo-Commit": commit,
            "X-Linked-Etag": f'"{tag}"',
            "X-Linked-Size": str(len(data)),
        }
        return data, {**told, "Content-Type": "application/octet-stream", "Accept-Ranges": "bytes"}


_REPO = r"(?P<repo>[\w.-]+/[\w.-]+)"
_REVISION = r"(?P<revision>[^/]+)"
_ROUTES = (
    (r"POST /api/repos/create", _Handler.create),
    (r"POST /api/validate-yaml", _Handler.yaml),
    (rf"POST /api/models/{_REPO}/branch/{_REVISION}", _Handler.branch),
    (rf"GET /api/models/{_REPO}", _Handler.info),
    (rf"GET /api/models/{_REPO}/revision/{_REVISION}", _Handler.info),
    (rf"POST /api/models/{_REPO}/preupload/{_REVISION}", _Handler.preupload),
    (rf"POST /{_REPO}\.git/info/lfs/objects/batch", _Handler.batch),
    (r"PUT /storage/(?P<oid>\w+)", _Handler.store),
    (rf"POST /verify/{_REPO}", _Handler.verify),
    (rf"POST /api/models/{_REPO}/commit/{_REVISION}", _Handler.commit),
    (rf"GET /api/models/{_REPO}/tree/{_REVISION}", _Handler.tree),
    (rf"(?:GET|HEAD) /{_REPO}/resolve/{_REVISION}/(?P<name>.+)", _Handler.resolve),
)


@contextmanager
def running_hub() -> Iterator[Hub]:
    """A hub that answers on this machine while the block runs."""
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    server.daemon_threads = True
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
