"""Pages that show a result to a person: pure functions from plain mappings to one HTML text, without a script.

Nothing is fetched and nothing runs: a page holds its own style and drawings, and says so to the browser (CSP).
"""

from graphmatch.charts.communities import communities_page
from graphmatch.charts.flows import flows_page
from graphmatch.charts.survival import lag_page
from graphmatch.charts.timeline import timelines_page
from graphmatch.charts.waterfall import waterfall_page

__all__ = ["communities_page", "flows_page", "lag_page", "timelines_page", "waterfall_page"]
