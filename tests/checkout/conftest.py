"""A shop over a real PortOne on loopback, with an escrow payment in it."""

from __future__ import annotations

import pytest

from tests.refunds import conftest as of_refunds

config, limits, paid, shop = of_refunds.config, of_refunds.limits, of_refunds.paid, of_refunds.shop


@pytest.fixture
def escrow(shop):
    """A paid escrow payment; answers its imp_uid."""
    return shop.pay("card", amount=66_000, escrow=True)
