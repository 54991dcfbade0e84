"""What a stack is asked to do: rates at its entry points, flowing along the graph to what its prices depend on.

    workload = parse(table, text, "stackworthy.toml")     # [workload]
    flowed = flow(graph, workload, hours)                 # loads of every resource, and what was assumed
    bill = estimate([graph], flowed.usage())

Other sources of usage: infracost's usage files (`infracost`) and measurements (`measured`); `scenario` and `sweep` compare bills.
"""

from __future__ import annotations
