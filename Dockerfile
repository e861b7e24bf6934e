# The image of the GitHub Action, and of `docker run --rm -v "$PWD:/github/workspace" … scan`.
# A release names the exact base: --build-arg BASE_DIGEST=@sha256:…
ARG BASE_DIGEST=""

FROM python:3.14-slim-trixie${BASE_DIGEST} AS build
WORKDIR /build
COPY requirements.lock requirements-build.lock ./
# pbr and setuptools are asked for by sarif-om and never imported; pip and the scripts' compilers have done their work.
RUN python -m venv /opt/aud \
 && /opt/aud/bin/python -m pip install --no-cache-dir --no-compile --require-hashes -r requirements.lock \
 && /opt/aud/bin/python -m pip uninstall --yes --quiet pbr setuptools
RUN python -m venv /opt/build \
 && /opt/build/bin/python -m pip install --no-cache-dir --require-hashes -r requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY schema ./schema
COPY extractors ./extractors
COPY aud_action ./aud_action
COPY templates ./templates
# Compiled here, by hash of the source: the image starts without compiling, whatever the files' times are.
RUN /opt/build/bin/hatchling build -t wheel -d /dist \
 && /opt/aud/bin/python -m pip install --no-cache-dir --no-deps --no-compile /dist/*.whl \
 && /opt/aud/bin/python -m pip uninstall --yes --quiet pip \
 && /opt/aud/bin/python -I -m aud_action.prepared \
 && python -m compileall -q --invalidation-mode unchecked-hash /opt/aud/lib

FROM python:3.14-slim-trixie${BASE_DIGEST} AS git
# git reads which lines a pull request changed. The program and its one library that Debian's base has not are
# enough for that; its scripts and perl would be 100 MB more.
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install --yes --no-install-recommends git \
 && library=$(ldd /usr/bin/git | grep -oE '/[^ ]*libpcre2[^ ]*') \
 && folder=$(realpath "$(dirname "$library")") \
 && mkdir /only \
 && cp --parents --dereference /usr/bin/git "$folder/$(basename "$library")" /only

FROM python:3.14-slim-trixie${BASE_DIGEST}
COPY --from=git /only /
COPY --from=build /opt/aud /opt/aud
LABEL org.opencontainers.image.title="aud" \
      org.opencontainers.image.description="Reads a Python repository once: a database of facts, findings with a proven path" \
      org.opencontainers.image.licenses="Apache-2.0"
# -I keeps the scanned folder off our own import path, PYTHONSAFEPATH off that of the processes we start.
ENV PATH=/opt/aud/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONSAFEPATH=1 \
    PYTHONHASHSEED=0
# No USER, no WORKDIR: GitHub runs docker actions as root and mounts the workspace over any WORKDIR. Exec form: a shell
# would drop the inputs whose names have hyphens.
ENTRYPOINT ["/opt/aud/bin/python", "-I", "-m", "aud_action"]
CMD ["action"]
