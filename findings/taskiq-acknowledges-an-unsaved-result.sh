#!/bin/sh
# taskiq 0.13.0, acknowledgement "when saved" (`AcknowledgeType.WHEN_SAVED`).
#
# Guess:  "when saved" acknowledges a message after its result was saved; while the result backend is away, the message
#         stays with the broker and is delivered again.
# Seen:   the failure to save is logged, and the message is acknowledged all the same. Result and message are both gone.
# So:     "when saved" is an order of two steps, no promise. A result that was paid for is stored by the job itself.
#
# Fails when taskiq no longer does this.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "taskiq==0.13.0"

cat > "$folder/unsaved.py" <<'PYTHON'
import asyncio
import logging

from taskiq import AsyncBroker, AsyncResultBackend
from taskiq.acks import AckableMessage, AcknowledgeType
from taskiq.receiver import Receiver

logging.disable(logging.CRITICAL)
acknowledged = []


class Away(AsyncResultBackend):
    """A result backend that cannot be reached."""

    tries = 0

    async def set_result(self, task_id, result):
        Away.tries += 1
        raise ConnectionError("away")

    async def is_result_ready(self, task_id):
        return False

    async def get_result(self, task_id, with_logs=False):
        raise ConnectionError("away")


class Queue(AsyncBroker):
    async def kick(self, message):
        self.sent = message.message

    async def listen(self):
        yield b""


async def ack():
    acknowledged.append(1)


async def main():
    queue = Queue().with_result_backend(Away())

    @queue.task(task_name="film")
    async def film():
        return "a clip"

    await film.kiq()
    receiver = Receiver(queue, ack_type=AcknowledgeType.WHEN_SAVED, max_async_tasks=1)
    await receiver.callback(AckableMessage(data=queue.sent, ack=ack))
    print("tries to save:", Away.tries)
    print("acknowledged:", len(acknowledged))


asyncio.run(main())
PYTHON

"$folder/venv/bin/python" "$folder/unsaved.py" | tee "$folder/seen"
printf 'tries to save: 1\nacknowledged: 1\n' | cmp - "$folder/seen"
echo "taskiq 0.13.0 still acknowledges a job whose result was not saved."
