"""Brings PortOne's payments in."""
