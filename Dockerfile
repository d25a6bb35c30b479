# One file for all processes of ours: SERVICE names the package in the image, besides the chassis.
# The processes of one package (command_service and its relay) share its image.
FROM python:3.12.12-slim-bookworm

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 LISTEN_HOST=0.0.0.0
WORKDIR /app

COPY requirements.txt .
RUN python -m pip install --no-cache-dir --disable-pip-version-check -r requirements.txt

RUN useradd --system --uid 10001 --no-create-home eventually
ARG SERVICE
COPY chassis/ chassis/
COPY contracts/*.yaml contracts/problem.schema.json contracts/
COPY lessons/ lessons/
COPY ${SERVICE}/ ${SERVICE}/
# A clone that was made with umask 077 is closed to the user below.
RUN chmod -R a+rX /app
ENV SERVICE=${SERVICE}

USER eventually
# exec, so that SIGTERM reaches Python.
CMD ["sh", "-c", "exec python -m $SERVICE"]
