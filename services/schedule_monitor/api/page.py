"""The service's own page: what it will do, and what it answers today."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

router = APIRouter()

_PAGE = """<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><title>课程监测</title></head>
<body>
<h1>课程监测</h1>
<p>课程安排与上课时间监测（市教育局会同市经信局）。</p>
<p>教学平台可以登记并作联通测试；课程数据的报送将在后续版本中提供。预警收件箱和运行状态已可使用。</p>
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
