"""Cash receipts (현금영수증): whom they are for, and the cash sales they are issued for."""
