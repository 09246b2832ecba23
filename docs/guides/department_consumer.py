"""部门消费者示例：把本部门的预警逐条存入 SQLite，断线、重启、重发都只存一次。

A sample consumer: keeps a department's alerts in SQLite, each version once, whatever is repeated,
cut off or killed. Needs only ``nats-py[nkeys]``:

    python department_consumer.py nats://127.0.0.1:18704 pboc .stack/keys/nats/pboc.nk alerts.db
"""

import asyncio
import json
import signal
import sqlite3
import sys

import nats
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext

BATCH = 50
WAIT_SECONDS = 5.0
PAUSE_SECONDS = 1.0

# 同一预警 (alert_id) 的版本只升不降；版本最高的一条就是现状。
SCHEMA = """
CREATE TABLE IF NOT EXISTS alerts (
    alert_id TEXT, version INTEGER, change TEXT, level TEXT, state TEXT, title TEXT, message TEXT,
    body TEXT NOT NULL, PRIMARY KEY (alert_id, version)
);
CREATE TABLE IF NOT EXISTS unread (sequence INTEGER PRIMARY KEY, body BLOB NOT NULL);
"""
SHOWN = ("alert_id", "version", "change", "level", "state", "title", "message")


def open_store(path: str) -> sqlite3.Connection:
    """Open the file; a commit is on the disk before the message is acknowledged."""
    store = sqlite3.connect(path)
    store.execute("PRAGMA synchronous = FULL")
    store.executescript(SCHEMA)
    return store


def keep(store: sqlite3.Connection, message: Msg) -> None:
    """Write one message in one transaction; what is already there stays as it is."""
    with store:
        try:
            data = json.loads(message.data)["data"]
            row = [*(data[field] for field in SHOWN), json.dumps(data, ensure_ascii=False)]
        except (ValueError, KeyError, TypeError):
            # 读不懂的另存备查，不挡住后面的。 Set aside, so that it blocks nothing behind it.
            sequence = message.metadata.sequence.stream
            store.execute("INSERT OR IGNORE INTO unread VALUES (?, ?)", (sequence, message.data))
            return
        store.execute("INSERT OR IGNORE INTO alerts VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)


async def consume(
    js: JetStreamContext, department: str, store: sqlite3.Connection, stopping: asyncio.Event
) -> None:
    """Fetch, commit, acknowledge, until told to stop; what was not acknowledged comes again."""
    durable = f"alerts-{department}"
    reader = await js.pull_subscribe_bind(durable=durable, stream="ALERTS")
    while not stopping.is_set():
        try:
            for message in await reader.fetch(BATCH, timeout=WAIT_SECONDS):
                keep(store, message)
                await message.ack_sync(timeout=WAIT_SECONDS)
        except TimeoutError:
            continue  # 暂无消息 nothing to fetch, or an answer that was lost
        except NatsError as error:
            print(f"总线暂不可用，稍后再取：{error!r}", file=sys.stderr, flush=True)
            await asyncio.sleep(PAUSE_SECONDS)


async def main(url: str, department: str, seed_file: str, store_file: str) -> None:
    """Connect as the department and consume until told to stop."""
    client = await nats.connect(
        url,
        nkeys_seed=seed_file,
        inbox_prefix=f"_INBOX_{department}".encode(),  # 别的前缀收不到答复
        max_reconnect_attempts=-1,
        reconnect_time_wait=1,
        ping_interval=10,
    )
    store = open_store(store_file)
    # 不取消任务：正在等答复时取消，有的 Python 会当作没有发生。最迟五秒后停止。
    # Nothing is cancelled: in the middle of an answer some Pythons would forget that it was.
    stopping = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stopping.set)
    try:
        await consume(client.jetstream(domain="CITY"), department, store, stopping)
        print("已停止 stopped", file=sys.stderr, flush=True)
    finally:
        await client.close()
        store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
