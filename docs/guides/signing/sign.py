"""给一个请求体签名，打印三个请求头。Sign a body and print its headers.

用法 usage:  WEBHOOK_SECRET=whsec_… python3 sign.py BODY_FILE [MESSAGE_ID [TIMESTAMP]]

只用标准库 standard library only. 密钥经环境变量传入，不出现在进程列表里。
"""

import base64
import hashlib
import hmac
import os
import sys
import time
import uuid
from pathlib import Path


def signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """Return the value of ``webhook-signature``."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def main(file: str, message_id: str = "", timestamp: str = "") -> None:
    """Print the headers of one request."""
    message_id = message_id or f"msg_{uuid.uuid4().hex}"
    timestamp = timestamp or str(int(time.time()))
    body = Path(file).read_bytes()
    print(f"webhook-id: {message_id}")
    print(f"webhook-timestamp: {timestamp}")
    print(
        "webhook-signature:",
        signature(os.environ["WEBHOOK_SECRET"], message_id, timestamp, body),
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
