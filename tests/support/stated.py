"""A member whose statements are read, and the queries for them over HTTP."""

from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tests.support import factories as make
from tests.support.callers import TODAY, Stage, open_stage

LONG_AGO = TODAY - timedelta(days=400)
"""8 February 2125: points granted then were valid through 8 February 2126."""

FIGURES = "buckets { bucket opening movements { kind points entries } closing }"
MINE = f"""query($period: StatementPeriod!) {{ me {{ statement(period: $period) {{
    from through asOf {FIGURES}
    entries {{ totalCount edges {{ node {{ kind points }} }} }} }} }} }}"""
PAGE = """query($period: StatementPeriod!, $locale: Locale) { me {
    statement(period: $period) { html(locale: $locale) } } }"""
FEBRUARY = {"from": "2126-02-01", "through": "2126-02-28"}
MARCH = {"from": "2126-03-01", "through": "2126-03-31"}
ZONE = ZoneInfo("Asia/Shanghai")
PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
NOTHING = {"opening": 0, "movements": [], "closing": 0}


async def opened(**sent: Any) -> tuple[Stage, UUID]:
    """A member with 700 points that expired on 9 February; the expiry is not recorded."""
    amply = {"adjust_limit": 10**9, "adjust_daily": 10**9}
    stage = await open_stage(make.shipped_document(staff=amply))
    member_id = await make.enrol(stage.programme, now=LONG_AGO, reference="xiaoli", **sent)
    await make.give(stage.programme, member_id, 700, now=LONG_AGO)
    return stage, member_id
