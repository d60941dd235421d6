"""Cash receipts (현금영수증): issued once, cancelled when a refund demands it, never forgotten."""
