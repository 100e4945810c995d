# syntax=docker/dockerfile:1

FROM python:3.13-slim AS build
WORKDIR /source
RUN --mount=type=bind,source=constraints.txt,target=constraints.txt \
    pip install --quiet --no-cache-dir --root-user-action=ignore -c constraints.txt uv
ENV npm_config_cache=/cache/npm UV_CACHE_DIR=/cache/uv UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never
RUN uv venv --quiet --python /usr/local/bin/python3 /opt/gcio
# The dependencies change less often than the source, so they are a layer of their own.
RUN --mount=type=bind,source=pyproject.toml,target=pyproject.toml \
    --mount=type=bind,source=constraints.txt,target=constraints.txt \
    --mount=type=cache,target=/cache/uv \
    uv pip install -p /opt/gcio/bin/python --torch-backend=cpu -c constraints.txt -r pyproject.toml
COPY . .
RUN --mount=type=cache,target=/cache/uv \
    --mount=type=cache,target=/cache/npm \
    python -m web.tools.islands build --required && rm -rf web/islands/node_modules
RUN --mount=type=cache,target=/cache/uv \
    uv pip install -p /opt/gcio/bin/python --no-deps .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --user-group --home-dir /data --create-home --shell /usr/sbin/nologin gcio
COPY --from=build /opt/gcio /opt/gcio
ENV PATH=/opt/gcio/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    GCIO_HOST=0.0.0.0 \
    GCIO_PORT=8600 \
    GCIO_HOME=/data/home \
    GCIO_MODEL_CACHE=/data/models \
    GCIO_NEO4J_CACHE=/data/neo4j-cache
USER gcio
WORKDIR /data
VOLUME /data
EXPOSE 8600
# The first start loads the starter data and computes its vectors before it answers.
HEALTHCHECK --interval=15s --timeout=5s --start-period=15m --retries=4 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8600/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
CMD ["gcio", "up"]
