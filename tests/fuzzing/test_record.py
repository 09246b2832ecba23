"""Requests as command lines that repeat them."""

import subprocess

import requests

from fuzzing.record import curl_of


class TestCurlOf:
    def test_carries_any_bytes(self):
        body = b'{"reason": "\xff\x00\'"}'
        request = requests.Request("POST", "http://127.0.0.1:1/x", data=body).prepare()

        encoding, _, sending = curl_of(request).partition(" | curl ")

        sent = subprocess.run(["bash", "-c", encoding], capture_output=True, check=True)  # noqa: S603, S607
        assert sent.stdout == body
        assert sending.endswith("-X POST --data-binary @- http://127.0.0.1:1/x")

    def test_leaves_out_what_is_too_long_to_show(self):
        request = requests.Request("POST", "http://127.0.0.1:1/", data=b"a" * 100_000).prepare()

        assert curl_of(request).endswith("# with a body of 100000 bytes")
