#!/bin/sh
# taskiq 0.13.0, a worker inside one's own program (`taskiq.api.run_receiver_task`), acknowledgement "when executed".
#
# Guess:  a job that is cut off because the program ends was not executed, so its message is not acknowledged and the
#         broker delivers it again to another worker.
# Seen:   the receiver takes the cancellation for the result of the job, and acknowledges the message. The job is gone.
#         That holds for every broker, since the receiver decides it; the broker here keeps its messages in memory.
# So:     whoever pays for jobs keeps a ledger of their own and asks for unfinished ones, or lets running jobs end before
#         the loop does.
#
# Fails when taskiq no longer does this.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "taskiq==0.13.0"

cat > "$folder/stopped.py" <<'PYTHON'
import asyncio
import logging

from taskiq import AsyncBroker
from taskiq.acks import AckableMessage, AcknowledgeType
from taskiq.api import run_receiver_task

logging.disable(logging.CRITICAL)
acknowledged = []


class Queue(AsyncBroker):
    """A broker that would deliver again whatever is not acknowledged."""

    def __init__(self):
        super().__init__()
        self.messages = asyncio.Queue()

    async def kick(self, message):
        await self.messages.put(message.message)

    async def listen(self):
        while True:
            data = await self.messages.get()

            async def ack():
                acknowledged.append(data)

            yield AckableMessage(data=data, ack=ack)


async def main():
    queue, started = Queue(), asyncio.Event()

    @queue.task(task_name="film")
    async def film():
        started.set()
        await asyncio.sleep(3600)

    await film.kiq()
    receiver = asyncio.create_task(run_receiver_task(queue, ack_time=AcknowledgeType.WHEN_EXECUTED))
    await started.wait()
    print("acknowledged while the job runs:", len(acknowledged))
    receiver.cancel()
    await asyncio.wait({receiver})
    print("acknowledged when the receiver has ended:", len(acknowledged))


asyncio.run(main())
print("acknowledged when the program has ended:", len(acknowledged))
PYTHON

"$folder/venv/bin/python" "$folder/stopped.py" | tee "$folder/seen"
cat > "$folder/expected" <<'SEEN'
acknowledged while the job runs: 0
acknowledged when the receiver has ended: 0
acknowledged when the program has ended: 1
SEEN
cmp "$folder/seen" "$folder/expected"
echo "taskiq 0.13.0 still acknowledges a job that was cut off."
