"""The service's own page: what it will do, and what it answers today."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

router = APIRouter()

_PAGE = """<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><title>广告监测</title></head>
<body>
<h1>广告监测</h1>
<p>广告备案与巡查（市市场监管局会同市委宣传部、市综合执法局）。</p>
<p>本服务目前没有自己的业务接口，将在后续版本中提供；预警收件箱和运行状态已可使用。</p>
<ul>
<li><a href="/docs">接口文档</a></li>
<li><a href="/health/ready">运行状态</a></li>
<li>预警收件箱：<code>GET /v1/alerts</code>（须持令牌）</li>
</ul>
</body>
</html>
"""


@router.get("/", include_in_schema=False)
async def page() -> HTMLResponse:
    """Show what this service is, to whoever opens its address."""
    return HTMLResponse(_PAGE)
