"""Refunds: cancels that happen exactly once, and what they leave to do."""
