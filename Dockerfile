# syntax=docker/dockerfile:1
# The site as a container: made by the report's own commands, and served to this machine alone (see compose.yaml).

# Data that are not published, from a folder that never becomes a layer: docker build --build-context data=FOLDER .
FROM scratch AS data

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /report
COPY requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY . ./
RUN pip install --no-cache-dir --no-deps --no-build-isolation -e .
RUN --mount=type=bind,from=data,target=/data SEGKIT_DATA=/data segkit render

# Of all that, only the pages go on: neither packages nor data, nor the key under which contacts are named.
FROM python:3.11-slim-bookworm
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PYTHONPATH=/server
COPY segkit/errors.py segkit/text.py /server/segkit/
COPY segkit/site/serve.py /server/segkit/site/
COPY --from=build /report/_site /site
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGINT
CMD ["python", "-c", "from pathlib import Path; from segkit.site.serve import serve; serve(Path('/site'), 8000, print, host='0.0.0.0')"]
