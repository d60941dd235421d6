"""Payment requests: the window, what became of it, webhooks, deliveries."""
