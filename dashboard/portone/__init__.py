"""Edge 2: PortOne's V1 REST API."""
