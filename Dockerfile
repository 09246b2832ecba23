# One Dockerfile for the four services (--build-arg SERVICE=registry) and the one-shot that
# prepares their servers (--target init). It needs no BuildKit. In production give PYTHON_IMAGE
# with its digest.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS dependencies
COPY requirements/runtime.txt /tmp/runtime.txt
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check \
        --require-hashes --requirement /tmp/runtime.txt

FROM ${PYTHON_IMAGE} AS base
# A number, so that an orchestrator can see that it is not root.
RUN groupadd --gid 10001 haining \
    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin haining
COPY --from=dependencies /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY shared shared

FROM base AS init
COPY deploy deploy
RUN python -m compileall -q shared deploy
USER 10001:10001
CMD ["python", "-m", "deploy.containers.init"]

# Last, so that it is what a build without --target makes.
FROM base AS service
ARG SERVICE
COPY services/__init__.py services/__init__.py
COPY services/${SERVICE} services/${SERVICE}
RUN test -n "${SERVICE}" && python -m compileall -q shared services
ENV SERVICE=${SERVICE}
USER 10001:10001
EXPOSE 8000
# Patient enough for a machine on which a whole city starts at once.
HEALTHCHECK --interval=10s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health/ready', timeout=8)"]
# The shell gives way to Python, which so receives SIGTERM itself.
ENTRYPOINT ["/bin/sh", "-c", "exec python -m services.${SERVICE}.main \"$@\"", "service"]
CMD ["both"]
