"""A PortOne on this PC: the same API, faults on demand."""
