"""What a department may do on the bus, tried there, without taking or leaving a message.

A message that was fetched is given back; an acknowledgement is tried on a sequence that no message
has; a publish names a stream that is not there, and the right one answers that and stores nothing.
"""

import json
from collections.abc import AsyncIterator
from pathlib import Path

from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from deploy.kit.check import Check, failed, passed
from deploy.kit.line import Line, line_of
from shared.messaging.permissions import CITY_DOMAIN, inbox_prefix
from shared.messaging.topology import EXCHANGE_IN, Consumer, consumers_of

_SECONDS = 3.0
_FETCH_SECONDS = 1.0
_OTHER, _OTHER_THAN_IT = "education", "pboc"
_WRONG_STREAM_CODE = 10060
_NO_STREAM = "SELF-TEST"
_OPERATOR_APPLIES = "请运维用 deploy 的声明重建消费者和账号（本地：./run down 后再 ./run up）"
_TOO_MUCH = "权限过宽：立即停用此凭据，并请运维按 shared/messaging/permissions.py 重建服务器配置"


async def bus_checks(department: str, *, url: str, seed: Path) -> list[Check]:
    """Try everything; a connection that does not come about is the one check that failed."""
    name = "连接 connection"
    try:
        async with line_of(department, url=url, seed=seed) as line:
            connected = passed(
                name, f"{url}，收件前缀 {inbox_prefix(department)}，域 {CITY_DOMAIN}"
            )
            return [connected, *[check async for check in _tried(line, department)]]
    except (NatsError, OSError, TimeoutError) as error:
        advice = "确认总线在运行（./run status），且种子文件属于本部门"
        return [failed(name, f"{url}：{_said(error)}", advice=advice)]


async def _tried(line: Line, department: str) -> AsyncIterator[Check]:
    js = line.client.jetstream(domain=CITY_DOMAIN, timeout=_SECONDS)
    for consumer in consumers_of(department):
        yield await _is_there(js, consumer)
        yield await _can_be_read(js, consumer)
        yield await _can_be_acknowledged(line, consumer)
    yield await _sends_as_itself(line, department)
    yield await _reads_nobody_else(line, department)


async def _is_there(js: JetStreamContext, consumer: Consumer) -> Check:
    name = f"消费者 {consumer.name}"
    try:
        info = await js.consumer_info(consumer.stream, consumer.name)
    except (NatsError, TimeoutError) as error:
        return failed(name, f"查询不到：{_said(error)}", advice=_OPERATOR_APPLIES)
    seen = info.config.filter_subject
    if seen != consumer.filter_subject:
        return failed(
            name, f"过滤主题是 {seen}，应为 {consumer.filter_subject}", advice=_OPERATOR_APPLIES
        )
    waiting = f"待取 {info.num_pending} 条，已取未签收 {info.num_ack_pending} 条"
    return passed(name, f"{consumer.stream}，{consumer.filter_subject}，{waiting}")


async def _can_be_read(js: JetStreamContext, consumer: Consumer) -> Check:
    name = f"取消息 {consumer.name}"
    try:
        reader = await js.pull_subscribe_bind(durable=consumer.name, stream=consumer.stream)
        messages = await reader.fetch(1, timeout=_FETCH_SECONDS)
        for message in messages:
            await message.nak()
        await reader.unsubscribe()
    except TimeoutError:
        return passed(name, "可以取，暂无消息")
    except NatsError as error:
        return failed(name, f"取不到：{_said(error)}", advice=_OPERATOR_APPLIES)
    return passed(name, f"取出 {len(messages)} 条后已退回（nak），未签收")


async def _can_be_acknowledged(line: Line, consumer: Consumer) -> Check:
    name = f"签收 {consumer.name}"
    # Sequence zero belongs to no message, so that nothing is acknowledged by this.
    nothing = f"$JS.ACK.{consumer.stream}.{consumer.name}.1.0.0.0.0"
    if await line.allowed(nothing, b"+WPI"):
        return passed(name, "服务器接受签收（以不存在的序号试验）")
    return failed(name, "服务器拒绝签收", advice=_OPERATOR_APPLIES)


async def _sends_as_itself(line: Line, department: str) -> Check:
    name = "发送 exchange-in"
    subject = f"exchange-in.v1.{department}.self-test"
    expected = {"Nats-Expected-Stream": _NO_STREAM}
    try:
        answer = await line.client.request(subject, b"{}", timeout=_SECONDS, headers=expected)
        error = json.loads(answer.data).get("error", {})
    except (NatsError, TimeoutError, ValueError) as refused:
        return failed(name, f"{subject}：{_said(refused)}", advice=_OPERATOR_APPLIES)
    if error.get("err_code") != _WRONG_STREAM_CODE:
        detail = f"{EXCHANGE_IN.name} 的答复出乎意料：{error or '已保存一条试验消息'}"
        return failed(name, detail, advice="请运维检查 EXCHANGE_IN 流")
    return passed(name, f"exchange-in.v1.{department}.* 可以发送（只试权限，未留下消息）")


async def _reads_nobody_else(line: Line, department: str) -> Check:
    name = "读不到其他部门"
    other = _OTHER if department != _OTHER else _OTHER_THAN_IT
    api = f"$JS.{CITY_DOMAIN}.API.CONSUMER"
    open_doors = [
        *[
            subject
            for subject in (
                f"{api}.INFO.ALERTS.alerts-{other}",
                f"{api}.MSG.NEXT.ALERTS.alerts-{other}",
                f"{api}.MSG.NEXT.EXCHANGE.exchange-{other}",
                f"{api}.CREATE.ALERTS",
            )
            if await line.allowed(subject, b'{"batch":1,"no_wait":true}')
        ],
        *[
            subject
            for subject in (f"alerts.v1.{other}.*.*", f"{inbox_prefix(other)}.>", "_INBOX.>")
            if await line.may_hear(subject)
        ],
    ]
    if open_doors:
        return failed(name, f"服务器允许了 {'、'.join(open_doors)}", advice=_TOO_MUCH)
    return passed(name, f"试读 {other} 的预警、移送和收件箱，均被服务器拒绝")


def _said(error: BaseException) -> str:
    return (str(error) or type(error).__name__)[:160]
