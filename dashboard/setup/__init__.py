"""First run, keys, shop facts."""
