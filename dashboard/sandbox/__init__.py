"""A PortOne on this PC: the same V1 API, a believable shop, faults on demand.

``create_sandbox`` is the Flask application, ``SandboxServer`` runs it on a loopback port and can
misbehave on the wire, ``fill`` makes the shop. It behaves as the documents in the reference say,
refuses only what they refuse, and shares no rule with the dashboard: it must be able to disagree.
"""

from __future__ import annotations

from dashboard.sandbox.app import create_sandbox
from dashboard.sandbox.server import SandboxServer
from dashboard.sandbox.world import fill

__all__ = ["SandboxServer", "create_sandbox", "fill"]
