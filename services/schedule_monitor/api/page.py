"""The service's own page: what it answers."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

router = APIRouter()

_PAGE = """<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><title>课程监测</title></head>
<body>
<h1>课程监测</h1>
<p>课程安排与上课时间监测（市教育局会同市经信局）。</p>
<p>日历和校历、课表预检和备案、违规预警；教学平台可以登记并作联通测试。</p>
<ul>
<li><a href="/docs">接口文档</a></li>
<li>某日性质：<code>GET /v1/calendar/2026-10-01</code>（须持令牌）</li>
<li>课表预检：<code>POST /v1/timetables/check</code>（须持令牌）</li>
<li>巡查建议：<code>GET /v1/patrol-proposals/2026-12-01</code>（须持令牌）</li>
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
