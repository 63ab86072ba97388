# tonewise with everything that its defaults need: the network is used to build it, and never to run it.
#
#   docker build -t tonewise .
#   docker run --rm --network none -v "$PWD:/work" --user "$(id -u)" tonewise train calls -o model
#   docker run --rm -p 8000:8000 -v "$PWD:/work" -e TONEWISE_TOKEN tonewise serve model --host 0.0.0.0
#
# espeak-ng (GPL-3.0) is left out, so there is no `tonewise demo` in it. docs/releasing.md says what the packages' wheels carry.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /opt/tonewise
ENV PATH=/opt/tonewise/bin:$PATH
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY requirements/lock.txt requirements/lock.txt
COPY src src
# What is required, and nothing else of the lock, in the versions of the lock.
RUN pip install --constraint requirements/lock.txt ".[web,postgres]"
# Those of the defaults; each is checked against its SHA-256.
ENV TONEWISE_CACHE=/opt/weights HF_HOME=/opt/weights/hub
RUN for name in smart-turn-v3.2 whisper-tiny.en minilm-l6-int8; do tonewise weights get "$name" || exit 1; done \
    && chmod -R a+rX /opt/weights

FROM python:3.11-slim-bookworm
COPY --from=build /opt/tonewise /opt/tonewise
COPY --from=build /opt/weights /opt/weights
# Caches lie where any user may write, and nobody loses anything when they go; mount a volume there to keep features.
RUN useradd --uid 10001 --no-create-home --home-dir /var/cache/tonewise tonewise \
    && mkdir -p /var/cache/tonewise/features /work \
    && chmod -R 1777 /var/cache/tonewise /work
ENV PATH=/opt/tonewise/bin:$PATH \
    HOME=/var/cache/tonewise \
    TONEWISE_CACHE=/opt/weights \
    HF_HOME=/opt/weights/hub \
    TONEWISE_FEATURE_CACHE=/var/cache/tonewise/features \
    HF_HUB_OFFLINE=1 \
    PYTHONUNBUFFERED=1
USER 10001
WORKDIR /work
EXPOSE 8000
ENTRYPOINT ["tonewise"]
CMD ["--help"]
