"""The in-app help."""
