#!/bin/sh
# 给一个请求体签名，打印三个请求头。Sign a body and print its headers.
#
#   WEBHOOK_SECRET=whsec_… sh sign.sh BODY_FILE [MESSAGE_ID [TIMESTAMP]] > headers
#   curl -H @headers -H 'content-type: application/json' --data-binary @BODY_FILE URL
#
# openssl 在命令行上得到密钥：只在自己的机器上用。curl 须 --data-binary，-d 会去掉换行。
# openssl is given the key on its command line: for a machine of your own. curl needs --data-binary: -d drops line ends.
set -eu

body=$1
id=${2:-msg_$(openssl rand -hex 16)}
timestamp=${3:-$(date +%s)}

key=$(printf %s "${WEBHOOK_SECRET#whsec_}" | base64 -d | od -An -v -tx1 | tr -d ' \n')
signature=$(
    { printf '%s.%s.' "$id" "$timestamp"; cat -- "$body"; } |
        openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64 | tr -d '\n'
)

printf 'webhook-id: %s\nwebhook-timestamp: %s\nwebhook-signature: v1,%s\n' \
    "$id" "$timestamp" "$signature"
